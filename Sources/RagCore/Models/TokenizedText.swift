internal import Embedder

/// A text with its tokens: what any model is given, whether it reads ids or characters.
struct TokenizedText: Sendable {
    /// What the tokens say, prompt included; nil for ids that a caller tokenised.
    let text: String?
    let encoding: Encoding

    /// Tokens, special ones counted.
    var count: Int { encoding.count }

    /// Ids without a text.
    init(_ encoding: Encoding) {
        text = nil
        self.encoding = encoding
    }

    /// Tokenises a text.
    ///
    /// - Parameters:
    ///   - text: the text, its prompt before it.
    ///   - tokenizer: the model's.
    ///   - tokensMax: where it is cut; nil for nowhere.
    /// - Throws: as `Tokenizer.encode`.
    init(
        _ text: String,
        _ tokenizer: Tokenizer,
        tokensMax: Int? = nil
    ) throws(EmbedderError) {
        encoding = try tokenizer.encode(text, tokensMax: tokensMax)
        guard encoding.omittedTokenCount > 0 else {
            self.text = text
            return
        }
        let end = encoding.offsets.last { !$0.isEmpty }?.upperBound ?? 0
        self.text = String(text[..<text.utf8.index(text.startIndex, offsetBy: end)])
    }
}
