/// What the vector store refuses or fails to do: a stable code to branch on, a message for people,
/// and the error underneath where there is one.
///
/// Messages name values and the remedy. They never hold document text, metadata or vectors, so that
/// they may be logged.
public struct VectorStoreError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public var code: Code

    /// What happened, with the values involved and what to do about it.
    public var message: String

    /// The error that led to this one, for the log.
    public var cause: (any Error)?

    /// Makes an error.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// One line: code and message, then the cause when there is one.
    public var description: String {
        guard let cause else { return "\(code): \(message)" }
        return "\(code): \(message) (caused by: \(cause))"
    }
}

extension VectorStoreError {
    /// A failure's kind.
    ///
    /// Open: later versions may add codes, so a `switch` needs a `default`.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case invalidArgument
            case dimensionMismatch
            case notFinite
            case notFound
            case conflict
            case corrupted
            case limitExceeded
            case memoryExceeded
            case overloaded
            case io
            case closed
        }

        private let value: Value

        /// An argument breaks the documented contract of the call.
        public static var invalidArgument: Self { Self(value: .invalidArgument) }
        /// A vector has another number of elements than the collection.
        public static var dimensionMismatch: Self { Self(value: .dimensionMismatch) }
        /// A vector holds NaN or an infinity.
        public static var notFinite: Self { Self(value: .notFinite) }
        /// The named collection, document or chunk does not exist.
        public static var notFound: Self { Self(value: .notFound) }
        /// The request contradicts what is stored, or another process owns the data folder.
        public static var conflict: Self { Self(value: .conflict) }
        /// Stored bytes fail their checksum or their structure makes no sense.
        public static var corrupted: Self { Self(value: .corrupted) }
        /// A cap on sizes, counts or depth was reached.
        public static var limitExceeded: Self { Self(value: .limitExceeded) }
        /// The memory that the store may use does not suffice.
        public static var memoryExceeded: Self { Self(value: .memoryExceeded) }
        /// Too much waits already; the same call will be taken later.
        public static var overloaded: Self { Self(value: .overloaded) }
        /// The file system or the database refused an operation.
        public static var io: Self { Self(value: .io) }
        /// The store is shut down or shutting down.
        public static var closed: Self { Self(value: .closed) }

        /// The code's name, as written in this file.
        public var description: String { value.rawValue }
    }
}
