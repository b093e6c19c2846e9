internal import Embedder
internal import VectorStore

// The errors of the libraries below, in the façade's terms. Nothing else in `RagCore` looks at their
// codes.
extension RagError {
    /// Translates an error of the store.
    init(_ error: VectorStoreError) {
        let code = error.code == .memoryExceeded ? "memory_limit" : nil
        self.init(Self.kind(of: error.code), error.message, code: code, cause: error)
    }

    /// Translates an error of the embedder.
    init(_ error: EmbedderError) {
        switch error.code {
        case .modelNotFound: self.init(.notFound, error.message, param: "model", cause: error)
        case .unsupportedModel: self.init(.invalid, error.message, param: "model", cause: error)
        case .invalidInput: self.init(.invalid, error.message, param: "input", cause: error)
        case .inputTooLong: self = .contextLengthExceeded(error.message, param: "input")
        default: self.init(.fault, error.message, cause: error)
        }
    }

    private static func kind(of code: VectorStoreError.Code) -> Kind {
        switch code {
        case .invalidArgument, .dimensionMismatch, .notFinite: .invalid
        case .notFound: .notFound
        case .conflict: .conflict
        case .limitExceeded: .tooLarge
        case .memoryExceeded: .full
        case .closed: .unavailable
        // Writes that wait are committed together: one flush of the disk makes room for all.
        case .overloaded: .overloaded(retryAfterSeconds: 1)
        default: .fault
        }
    }
}

// Errors that several places raise, worded once.
extension RagError {
    /// The caller's task was cancelled.
    static let cancelled = RagError(.cancelled, "the request was cancelled")

    /// The service is shutting down.
    static let stopping = RagError(.unavailable, "the service is shutting down")

    /// The encoder's queue is full: so much waits in it.
    static func overloaded(_ backlog: BatchBacklog) -> RagError {
        let seconds = max(1, Int(backlog.seconds.rounded(.up)))
        return RagError(
            .overloaded(retryAfterSeconds: seconds),
            "\(backlog.tokenCount) tokens wait for the encoder and there is no room for this request; "
                + "try again in \(seconds) s"
        )
    }

    /// A text is longer than the model's window.
    static func contextLengthExceeded(_ message: String, param: String) -> RagError {
        RagError(.invalid, message, param: param, code: "context_length_exceeded")
    }
}

/// Runs a call into the embedder and translates its error.
///
/// - Parameters:
///   - param: the field of the request that is to blame when the input is.
///   - body: the call.
/// - Returns: what `body` returned.
/// - Throws: what `body` threw, translated.
func translating<Value>(
    _ param: String,
    _ body: () throws(EmbedderError) -> Value
) throws(RagError) -> Value {
    do {
        return try body()
    } catch {
        var failure = RagError(error)
        if failure.kind == .invalid { failure.param = param }
        throw failure
    }
}

/// Runs a call into the store and translates its error.
func translating<Value>(
    _ body: () throws(VectorStoreError) -> Value
) throws(RagError) -> Value {
    do { return try body() } catch { throw RagError(error) }
}

/// Runs an asynchronous call into the store and translates its error.
func translating<Value>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws(VectorStoreError) -> Value
) async throws(RagError) -> Value {
    do { return try await body() } catch { throw RagError(error) }
}
