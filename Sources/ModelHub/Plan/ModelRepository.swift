internal import StrictJSON

/// The files of a repository at one commit, read from the pages of the hub's listing.
package struct ModelRepository: Sendable {
    /// What was asked for.
    package let reference: RepositoryReference
    /// The commit that the revision stands for: everything is downloaded from it, whatever becomes
    /// of the branch meanwhile.
    package let commit: String
    private var filesByPath: [String: RepositoryFile] = [:]

    /// The most entries of a listing; models have tens.
    private static let fileCountMax = 20_000
    private var entryCount = 0

    /// A repository whose listing has not been read.
    package init(reference: RepositoryReference, commit: String) {
        self.reference = reference
        self.commit = commit
    }

    /// Reads the commit of a revision from the hub's description of a model.
    ///
    /// - Throws: `damaged` when there is none in it.
    package static func commit(in information: [UInt8]) throws(HubError) -> String {
        let sha = try HubDocument.read(information, as: "description of the model")["sha"]?.text
        guard let sha, ContentDigest.isHexadecimal(sha, count: 40) else {
            throw HubError(
                .damaged,
                "the hub's description of the model names no commit; is HF_ENDPOINT a hub?"
            )
        }
        return sha
    }

    /// Adds one page of the listing.
    ///
    /// - Throws: `damaged` for what is not a listing, a path that could leave the folder, a path given
    ///   twice, a size below zero or a digest that is none; and for too many entries.
    package mutating func add(page: [UInt8]) throws(HubError) {
        guard let entries = try HubDocument.read(page, as: "listing").elements else {
            throw Self.malformed("it is not a list")
        }
        for entry in entries {
            entryCount += 1
            guard entryCount <= Self.fileCountMax else {
                throw Self.malformed("it has more than \(Self.fileCountMax) entries")
            }
            guard let kind = entry["type"]?.text, let text = entry["path"]?.text else {
                throw Self.malformed("an entry has no type or path")
            }
            let path = try RepositoryPath(text)
            guard kind == "file" else { continue }
            let file = try Self.file(entry, path: path)
            guard filesByPath.updateValue(file, forKey: path.text) == nil else {
                throw Self.malformed("it has \(path) twice")
            }
        }
    }

    /// The file at `path`, nil when there is none.
    package func file(_ path: String) -> RepositoryFile? { filesByPath[path] }

    /// Every path, sorted.
    var paths: [String] { filesByPath.keys.sorted() }

    private static func file(
        _ entry: JSONValue,
        path: RepositoryPath
    ) throws(HubError) -> RepositoryFile {
        guard let size = entry["size"]?.count else {
            throw malformed("\(path) has no size")
        }
        // A large file's own `oid` is that of the pointer which git has in its place.
        let large = entry["lfs"].flatMap { $0.isNull ? nil : $0 }
        let digest =
            large.map { $0["oid"]?.text.flatMap(ContentDigest.init(sha256:)) }
            ?? entry["oid"]?.text.flatMap(ContentDigest.init(gitBlob:))
        guard let digest else { throw malformed("\(path) has no hash") }
        guard large?["size"]?.count ?? size == size else {
            throw malformed("\(path) has two sizes")
        }
        return RepositoryFile(path: path, byteCount: size, digest: digest)
    }

    private static func malformed(_ reason: String) -> HubError {
        HubError(.damaged, "the hub's listing cannot be used: \(reason)")
    }
}
