package import RagCore
package import StrictJSON
package import VectorStore

/// Why a request was refused, as far as HTTP tells the reasons apart.
///
/// `ErrorMiddleware` alone turns a kind into a status code.
package struct APIError: Error, Sendable {
    /// What went wrong, as far as the caller's next step depends on it.
    package enum Kind: Sendable, Hashable {
        /// The request cannot be carried out as it is.
        case invalid
        /// The key is missing or wrong.
        case unauthenticated
        /// The route, collection, document or model does not exist.
        case notFound
        /// The path exists, for these methods.
        case methodNotAllowed(allowed: [String])
        /// The request contradicts what is stored.
        case conflict
        /// A count or a size is past its limit.
        case tooLarge
        /// What is stored leaves no room.
        case full
        /// The body is not JSON, or is compressed.
        case unsupportedMediaType
        /// The queues are full; try again after about this many seconds.
        case overloaded(retryAfterSeconds: Int)
        /// The daemon is stopping or not ready yet, or cannot reach another server that it needs.
        case unavailable
        /// Another server that computes a model refused, or answered what cannot be used.
        case upstream
        /// The caller has gone; nobody reads this error.
        case cancelled
        /// The daemon's own failure; the message is for the log only.
        case fault
    }

    /// What went wrong, as far as the caller's next step depends on it.
    package var kind: Kind

    /// The value that was wrong, the limit, and what to do.
    package var message: String

    /// The path of the field that was wrong.
    package var param: String?

    /// A stable word for the reason.
    package var code: String?

    /// Makes an error from its parts; an empty `param` is none.
    package init(_ kind: Kind, _ message: String, param: String? = nil, code: String? = nil) {
        self.kind = kind
        self.message = message
        self.param = param?.isEmpty == true ? nil : param
        self.code = code
    }

    /// The error for a request that cannot be carried out as it is.
    package static func invalid(
        _ message: String,
        param: String? = nil,
        code: String? = nil
    ) -> APIError {
        APIError(.invalid, message, param: param, code: code)
    }
}

// MARK: - Translation

extension APIError {
    /// The same error in this layer's terms.
    package init(_ error: RagError) {
        let kind: Kind =
            switch error.kind {
            // OpenAI's answer to a model that does not exist, wherever it is named.
            case .invalid where error.code == "model_not_found": .notFound
            case .invalid: .invalid
            case .notFound: .notFound
            case .conflict: .conflict
            case .tooLarge: .tooLarge
            case .full: .full
            case .overloaded(let seconds): .overloaded(retryAfterSeconds: seconds)
            case .unavailable: .unavailable
            case .upstream: .upstream
            case .cancelled: .cancelled
            case .fault: .fault
            }
        self.init(kind, error.message, param: error.param, code: error.code)
    }

    /// A text that is not the JSON it should be.
    package init(_ error: JSONError) {
        self.init(.invalid, "the body is not valid JSON: \(error)", code: "invalid_json")
    }

    /// A filter that the store did not accept.
    package init(filter error: VectorStoreError) {
        self.init(.invalid, error.message, param: "filter", code: "invalid_filter")
    }
}
