/// Why a model could not be pulled: a kind to branch on, and a sentence to show.
///
/// The message names the value and the remedy. It never holds the token, and what a server wrote is
/// in it only without control characters (`Printable`).
public struct HubError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of a failure.
    ///
    /// Open: later versions may add codes.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case invalidArgument
            case notFound
            case accessDenied
            case unavailable
            case damaged
            case unsupported
            case conflict
            case noSpace
            case io
            case cancelled
        }

        private let kind: Kind

        /// A name, revision, address or token that cannot be one.
        public static let invalidArgument = Code(kind: .invalidArgument)
        /// The hub has no such repository, revision or file.
        public static let notFound = Code(kind: .notFound)
        /// The repository is private or gated, or the token was refused.
        public static let accessDenied = Code(kind: .accessDenied)
        /// The hub could not be reached, or not for long enough, after every attempt.
        public static let unavailable = Code(kind: .unavailable)
        /// What came is not what the hub's own listing says, or not a listing at all.
        public static let damaged = Code(kind: .damaged)
        /// The repository is sound but has no model that ragd would read.
        public static let unsupported = Code(kind: .unsupported)
        /// The models folder holds another model of that name, or another pull is at it.
        public static let conflict = Code(kind: .conflict)
        /// The disk has no room for the model.
        public static let noSpace = Code(kind: .noSpace)
        /// The models folder could not be read or written.
        public static let io = Code(kind: .io)
        /// The task that pulled was cancelled.
        public static let cancelled = Code(kind: .cancelled)

        /// The code's name, as written in Swift.
        public var description: String { kind.rawValue }
    }

    /// The kind of the failure.
    public var code: Code
    /// What happened, with the values and the remedy.
    public var message: String

    /// Creates an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message, which says all that matters.
    public var description: String { message }
}
