/// One file of a repository, as the listing of its commit describes it.
package struct RepositoryFile: Sendable, Equatable {
    /// Where it is.
    package let path: RepositoryPath
    /// Its size.
    package let byteCount: Int
    /// What its content hashes to.
    package let digest: ContentDigest

    /// Describes a file.
    package init(path: RepositoryPath, byteCount: Int, digest: ContentDigest) {
        self.path = path
        self.byteCount = byteCount
        self.digest = digest
    }
}
