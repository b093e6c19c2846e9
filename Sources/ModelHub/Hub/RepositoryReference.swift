/// A repository of the hub and one of its revisions, as a user writes them: `owner/name`, or `name`
/// alone for the oldest ones, with `@revision` behind it when it is not `main`.
public struct RepositoryReference: Sendable, Equatable {
    /// The repository: `owner/name` or `name`.
    public let repository: String
    /// A branch, a tag or a commit.
    public let revision: String

    /// What is taken when no revision is named.
    private static let standardRevision = "main"
    /// The hub's own limit.
    private static let repositoryCountMax = 96
    /// More than any branch is called.
    private static let revisionCountMax = 200

    /// Reads `text`.
    ///
    /// - Parameters:
    ///   - text: `REPO` or `REPO@REVISION`.
    ///   - revision: the revision when it is given apart; then `text` must not name one.
    /// - Throws: `invalidArgument` naming what is wrong.
    public init(_ text: String, revision: String? = nil) throws(HubError) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let named = parts.count == 2 ? String(parts[1]) : nil
        guard named == nil || revision == nil else {
            throw HubError(
                .invalidArgument,
                "'\(Printable(text))' names a revision, and another is given beside it"
            )
        }
        repository = String(parts[0])
        self.revision = named ?? revision ?? Self.standardRevision
        guard Self.isRepository(repository) else {
            throw HubError(
                .invalidArgument,
                "'\(Printable(repository))' is not a repository; expected OWNER/NAME, such as "
                    + "Qwen/Qwen3-Embedding-0.6B"
            )
        }
        guard Self.isRevision(self.revision) else {
            throw HubError(
                .invalidArgument,
                "'\(Printable(self.revision))' is not a revision; expected a branch, a tag or a commit"
            )
        }
    }

    /// The repository's last part, which the model is called by unless another name is given.
    public var name: String {
        String(repository.split(separator: "/").last ?? "")
    }

    private static func isRepository(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return (1...2).contains(parts.count) && text.utf8.count <= repositoryCountMax
            && parts.allSatisfy { FileName.isPlain($0) && !$0.contains("..") }
    }

    private static func isRevision(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return text.utf8.count <= revisionCountMax
            && parts.allSatisfy { FileName.isPlain($0) && !$0.contains("..") }
    }
}
