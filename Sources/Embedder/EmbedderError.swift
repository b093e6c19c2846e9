/// What went wrong in the embedder: a kind to branch on, and a sentence to show.
///
/// The message names the file, tensor or value and the remedy. It never holds a text that was to be
/// embedded.
public struct EmbedderError: Error, Sendable, CustomStringConvertible {
    /// The kind of a failure.
    ///
    /// Open: later versions may add codes.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case modelNotFound
            case invalidModel
            case unsupportedModel
            case invalidInput
            case inputTooLong
        }

        private let kind: Kind

        /// The model's folder, or a file that it must hold, is not there.
        public static let modelNotFound = Code(kind: .modelNotFound)
        /// A file of the model is damaged, or contradicts another one.
        public static let invalidModel = Code(kind: .invalidModel)
        /// The model is sound but asks for something that ragd does not do.
        public static let unsupportedModel = Code(kind: .unsupportedModel)
        /// The request cannot be computed with this model, such as a token id it does not have.
        public static let invalidInput = Code(kind: .invalidInput)
        /// The request is longer than the model's window.
        public static let inputTooLong = Code(kind: .inputTooLong)

        /// The code's name, as written in Swift.
        public var description: String { kind.rawValue }
    }

    /// The kind of the failure.
    public var code: Code
    /// What happened, with the values and the remedy.
    public var message: String
    /// The error below this one, when there is one.
    public var cause: (any Error)?

    /// Creates an error.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The code and the message.
    public var description: String { "\(code): \(message)" }
}
