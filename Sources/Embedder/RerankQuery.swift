/// A query, and an instruction where the model takes one, as a reranker reads them with each passage.
///
/// Thread safety: immutable.
public struct RerankQuery: Sendable {
    private enum Form: Sendable {
        /// Query and passage, by the tokenizer's own template.
        case pair(String)
        /// What is before the passage, and what is behind it.
        case prompt(prefix: [Int32], suffix: [Int32])
    }

    /// Tokens that are read with each passage besides its own.
    public let tokenCount: Int

    private let tokenizer: Tokenizer
    private let form: Form

    /// A query for a cross-encoder.
    init(pair query: String, tokenizer: Tokenizer) throws(EmbedderError) {
        self.tokenizer = tokenizer
        form = .pair(query)
        tokenCount = try tokenizer.encodePlain(query).count + tokenizer.pairSpecialTokenCount
    }

    /// A query for Qwen3-Reranker.
    ///
    /// The texts are those of the model's own README. There the middle part, from the instruction to the
    /// passage, is tokenised as a whole; cutting it behind the last colon gives the same tokens, since
    /// the space that follows begins a word.
    init(
        prompt query: String,
        instruction: String,
        tokenizer: Tokenizer
    ) throws(EmbedderError) {
        self.tokenizer = tokenizer
        let middle = "<Instruct>: \(instruction)\n<Query>: \(query)\n<Document>:"
        let prefix =
            try tokenizer.encodePlain(Self.beginning).ids + tokenizer.encodePlain(middle).ids
        let suffix = try tokenizer.encodePlain(Self.ending).ids
        form = .prompt(prefix: prefix, suffix: suffix)
        tokenCount = prefix.count + suffix.count
    }

    private static let beginning =
        "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and "
        + "the Instruct provided. Note that the answer can only be \"yes\" or \"no\".<|im_end|>\n"
        + "<|im_start|>user\n"
    private static let ending =
        "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"

    /// The query with a passage, of which the end is cut where it is too long.
    ///
    /// - Parameters:
    ///   - passage: any text.
    ///   - tokensMax: the length of the result at most, no less than `tokenCount`.
    /// - Returns: the tokens, with what all passages of this query begin with as `sharedCount`, and how
    ///   many tokens were cut as `omittedTokenCount`.
    /// - Throws: as `Tokenizer.encode`.
    /// - Complexity: O(length of both texts).
    public func encode(
        _ passage: String,
        tokensMax: Int
    ) throws(EmbedderError) -> Encoding {
        precondition(tokensMax >= tokenCount, "\(tokenCount) tokens of a query in \(tokensMax)")
        switch form {
        case .pair(let query):
            return try tokenizer.encode(query, pair: passage, tokensMax: tokensMax)
        case .prompt(let prefix, let suffix):
            let own = try tokenizer.encodePlain(" " + passage).ids
            let kept = own.prefix(tokensMax - tokenCount)
            let ids = prefix + kept + suffix
            return Encoding(
                ids: ids,
                typeIDs: Array(repeating: 0, count: ids.count),
                offsets: Array(repeating: 0..<0, count: ids.count),
                omittedTokenCount: own.count - kept.count,
                sharedCount: prefix.count
            )
        }
    }
}
