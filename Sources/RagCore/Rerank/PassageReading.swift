internal import Embedder

/// A passage as an embedding model reads it, to compare its tokens with those of a query.
struct PassageReading: Sendable {
    /// As many windows of the model as the passage needs.
    let windows: [TokenizedText]
    /// Whether its end was left out.
    let isTruncated: Bool

    /// Cuts a passage into windows.
    ///
    /// - Parameters:
    ///   - passage: any text.
    ///   - model: the model.
    ///   - chunker: cuts what is longer than the model's window.
    ///   - tokensMax: tokens of the passage that are read; nil for all.
    /// - Throws: as `Tokenizer.encode`.
    init(
        _ passage: String,
        _ model: TextEmbedder,
        _ chunker: Chunker,
        tokensMax: Int?
    ) throws(EmbedderError) {
        let read = try Self.beginning(of: passage, model.tokenizer, tokensMax: tokensMax)
        isTruncated = read.utf8.count < passage.utf8.count
        let whole = try TokenizedText(model.documentPrompt + read, model.tokenizer)
        guard whole.count > model.tokensMax else {
            windows = [whole]
            return
        }
        let text = read.utf8
        windows = try chunker.chunks(of: read).map { chunk throws(EmbedderError) in
            let start = text.index(text.startIndex, offsetBy: chunk.range.lowerBound)
            let end = text.index(start, offsetBy: chunk.range.count)
            return try TokenizedText(
                model.documentPrompt + read[start..<end],
                model.tokenizer,
                tokensMax: model.tokensMax
            )
        }
    }

    /// The text of the first tokens; all of it when there are no more.
    private static func beginning(
        of passage: String,
        _ tokenizer: Tokenizer,
        tokensMax: Int?
    ) throws(EmbedderError) -> String {
        // A token has a byte at least.
        guard let tokensMax, passage.utf8.count > tokensMax else { return passage }
        let encoding = try tokenizer.encodePlain(passage)
        guard encoding.count > tokensMax else { return passage }
        let end = encoding.offsets[tokensMax - 1].upperBound
        return String(passage[..<passage.utf8.index(passage.startIndex, offsetBy: end)])
    }
}
