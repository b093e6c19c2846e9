internal import Embedder

/// How many tokens of a document's text fit into one pass of a model.
struct ChunkWindow: Sendable {
    /// Smallest chunk that is allowed: below it the title and the overlap leave no text.
    static let tokensMin = 16

    /// A chunk shares 1/8 of its tokens with its predecessor by default, so that a sentence at a
    /// boundary is whole in one of them.
    static let overlapDivisor = 8

    /// A title takes at most 1/4 of a chunk; the rest of a longer one is left out of the vector.
    static let titleDivisor = 4

    /// The model's window less its special tokens and the prompt for documents.
    let tokensMax: Int

    /// - Parameters:
    ///   - model: the model.
    ///   - prompt: what stands before a passage; nil is the model's own.
    /// - Throws: as `Tokenizer.encode`.
    init(_ model: TextEmbedder, prompt: String? = nil) throws(EmbedderError) {
        let prompt = prompt ?? model.documentPrompt
        let promptTokens = try prompt.isEmpty ? 0 : model.tokenizer.encodePlain(prompt).count
        tokensMax = model.tokensMax - model.tokenizer.specialTokenCount - promptTokens
    }
}
