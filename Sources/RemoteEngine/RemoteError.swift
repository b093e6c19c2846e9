package import RagCore

/// Why a server gave nothing that can be used: a kind to branch on, and a sentence to show.
///
/// The message never holds the key, and what a server wrote is in it only without control characters
/// and not too long.
package struct RemoteError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of a failure.
    package enum Code: Sendable, Hashable {
        /// The server cannot be reached, or the connection was cut.
        case unreachable
        /// The answer did not come in time.
        case timeout
        /// The server says that it has failed, or is not ready.
        case failing
        /// The server has too much to do, and says for how long.
        case overloaded(retryAfterSeconds: Int)
        /// The server refuses these texts.
        case refused
        /// The server refuses the key, the path or the model.
        case denied
        /// The answer leads elsewhere.
        case redirected
        /// The answer is larger than any that was asked for.
        case tooLarge
        /// The answer is not JSON, or not of the expected form.
        case malformed
        /// The answer has not one result for each text.
        case wrongCount
        /// A vector has not the dimension that it should have.
        case wrongDimension
        /// A number is not finite, or a vector has no direction.
        case notFinite
        /// The task that asked was cancelled.
        case cancelled
    }

    package var code: Code
    package var message: String
    /// More for the operator's log: addresses, which callers are not told.
    package var detail: String?

    package init(_ code: Code, _ message: String, detail: String? = nil) {
        self.code = code
        self.message = message
        self.detail = detail
    }

    package var description: String { message }

    /// The error in the terms of `RagCore`, naming the entry.
    package func ragError(of name: String) -> RagError {
        let kind: RagError.Kind =
            switch code {
            case .unreachable, .timeout, .failing: .unavailable
            case .overloaded(let seconds): .overloaded(retryAfterSeconds: seconds)
            case .cancelled: .cancelled
            default: .upstream
            }
        return RagError(
            kind,
            "model '\(name)': \(message)",
            param: nil,
            code: code == .refused ? RagError.remoteRefusedCode : "remote_model_failed"
        )
    }
}

/// Text from a server, made fit for a log.
enum ServerText {
    private static let countMax = 200

    /// The text without control characters, without the key, and not too long.
    static func shown(_ text: String, hiding key: RemoteKey?) -> String {
        let text = key?.hidden(in: text) ?? text
        var shown = ""
        for scalar in text.prefix(countMax).unicodeScalars {
            let category = scalar.properties.generalCategory
            shown.unicodeScalars.append(category == .control || category == .format ? " " : scalar)
        }
        return shown
    }
}
