/// Why a request was not carried out, in terms that a caller can act on.
///
/// The one error type that leaves `RagCore`: the errors of the store and of the embedder are
/// translated at the façade (`RagError+Translation.swift`) and kept as `cause` for the log.
public struct RagError: Error, Sendable {
    /// What went wrong, as far as the caller's next step depends on it.
    public enum Kind: Sendable, Hashable {
        /// The request cannot be carried out as it is; sending it again cannot help.
        case invalid
        /// The collection, document or model that was named does not exist.
        case notFound
        /// The request contradicts what is stored.
        case conflict
        /// A count or a size is past its limit.
        case tooLarge
        /// What is stored leaves no room: memory that the operator allows is used up.
        case full
        /// The queues are full; the same request will be taken after about this many seconds.
        case overloaded(retryAfterSeconds: Int)
        /// The daemon is stopping or not ready yet, or cannot reach another server that it needs.
        case unavailable
        /// Another server that computes a model refused what it was asked, or answered what cannot be
        /// used.
        case upstream
        /// The caller went away before the answer was there; nobody reads this error.
        case cancelled
        /// The daemon's own failure: a damaged file, a full disk, a broken invariant.
        case fault
    }

    /// What went wrong, as far as the caller's next step depends on it.
    public var kind: Kind

    /// The value that was wrong, the limit, and what to do.
    ///
    /// For a `fault`, meant for the log only.
    public var message: String

    /// The request's field that was wrong, as a path such as `documents[3].id`.
    public var param: String?

    /// A stable machine-readable word for the reason, such as `context_length_exceeded`.
    public var code: String?

    /// The error that this one translates.
    ///
    /// It may hold user text, so it is not in `description`.
    public var cause: (any Error)?

    /// Makes an error from its parts.
    public init(
        _ kind: Kind,
        _ message: String,
        param: String? = nil,
        code: String? = nil,
        cause: (any Error)? = nil
    ) {
        self.kind = kind
        self.message = message
        self.param = param
        self.code = code
        self.cause = cause
    }
}

extension RagError: CustomStringConvertible {
    /// Kind, field and message; never the cause.
    public var description: String {
        let field = param.map { " (\($0))" } ?? ""
        return "\(kind)\(field): \(message)"
    }
}
