internal import Embedder
internal import VectorStore

/// A part of a document, ready to be embedded.
struct PreparedChunk: Sendable {
    let range: Range<Int>
    let tokenCount: Int
    /// What names the chunk's embedding: the same text was embedded before, or will be once.
    let textHash: [UInt8]
    let embedded: TokenizedText
}

/// A document ready to be embedded and written.
struct PreparedDocument: Sendable {
    let id: String
    let input: DocumentInput
    let contentHash: [UInt8]
    /// Its chunks, or `nil` when the stored ones stay.
    let chunks: [PreparedChunk]?
    /// Tokens of the text, those that chunks share counted in each.
    let tokenCount: Int

    /// Tokens that the encoder reads, with titles and special tokens.
    var encodedTokenCount: Int { (chunks ?? []).reduce(0) { $0 + $1.embedded.count } }
}

/// Cuts documents for one collection.
///
/// A chunk is embedded as the document prompt of the collection or its model, the title, a line break,
/// and the text. The title says what a passage from the middle of a document cannot; it is counted
/// against the window, and takes at most a quarter of it.
struct DocumentChunker: Sendable {
    private let model: TextEmbedder
    private let chunking: CollectionConfiguration.Chunking
    private let prompt: String

    /// - Throws: `conflict` when the model has another document prompt than when the collection was made,
    ///   or reads less than the collection's chunks are long.
    init(_ model: TextEmbedder, for collection: CollectionConfiguration) throws(RagError) {
        try Self.checkPrompt(of: model, for: collection)
        self.model = model
        chunking = collection.chunking
        prompt = collection.documentPrompt ?? model.documentPrompt
        let window = try translating("document_prompt") { [prompt] () throws(EmbedderError) in
            try ChunkWindow(model, prompt: prompt)
        }
        guard chunking.maxTokens <= window.tokensMax else {
            throw RagError(
                .conflict,
                "collection '\(collection.name)' has chunks of \(chunking.maxTokens) tokens, and "
                    + "'\(model.name)' now reads \(window.tokensMax) besides its prompt and special "
                    + "tokens; raise its max_tokens, or make a collection of smaller chunks",
                param: "chunking.max_tokens"
            )
        }
    }

    /// Refuses to embed passages behind another prompt than those that are stored.
    private static func checkPrompt(
        of model: TextEmbedder,
        for collection: CollectionConfiguration
    ) throws(RagError) {
        guard collection.documentPrompt == nil, let made = collection.modelDocumentPrompt,
            !made.utf8.elementsEqual(model.documentPrompt.utf8)
        else { return }
        throw RagError(
            .conflict,
            "collection '\(collection.name)' was made when '\(model.name)' had the document prompt "
                + "\(made.debugDescription), and now it has \(model.documentPrompt.debugDescription): "
                + "new vectors would not go with the stored ones; set the former one as the model's "
                + "document_prompt, or make a new collection",
            code: "document_prompt_changed"
        )
    }

    /// Cuts one document.
    ///
    /// Computes for about a millisecond for each 2,000 tokens.
    ///
    /// - Parameters:
    ///   - input: the document, held to the limits.
    ///   - id: its id.
    ///   - contentHash: its hash.
    /// - Returns: the document with its chunks.
    /// - Throws: `invalid` when the model's tokenizer gives up on the text, `fault` when the
    ///   collection's chunking does not fit the model.
    func prepare(
        _ input: DocumentInput,
        id: String,
        contentHash: [UInt8]
    ) throws(RagError) -> PreparedDocument {
        let title = try shortened(input.title ?? "")
        let chunker: Chunker
        do {
            chunker = try Chunker(
                tokenizer: model.tokenizer,
                tokensMax: chunking.maxTokens - title.tokenCount,
                overlapTokens: chunking.overlapTokens
            )
        } catch {
            throw RagError(.fault, "the collection's chunking does not work", cause: error)
        }
        let prefix = prompt + (title.text.isEmpty ? "" : title.text + "\n")
        let text = input.text.utf8
        let chunks = try translating("text") { () throws(EmbedderError) in
            try chunker.chunks(of: input.text).map { chunk throws(EmbedderError) in
                let start = text.index(text.startIndex, offsetBy: chunk.range.lowerBound)
                let end = text.index(start, offsetBy: chunk.range.count)
                let embedded = prefix + input.text[start..<end]
                return PreparedChunk(
                    range: chunk.range,
                    tokenCount: chunk.tokenCount,
                    textHash: ContentHash.embeddedText(embedded),
                    embedded: try TokenizedText(
                        embedded,
                        model.tokenizer,
                        tokensMax: model.tokensMax
                    )
                )
            }
        }
        return PreparedDocument(
            id: id,
            input: input,
            contentHash: contentHash,
            chunks: chunks,
            tokenCount: chunks.reduce(0) { $0 + $1.tokenCount }
        )
    }

    /// The title's first quarter of a chunk, at a token's end.
    private func shortened(
        _ title: String
    ) throws(RagError) -> (text: String, tokenCount: Int) {
        let tokensMax = chunking.maxTokens / ChunkWindow.titleDivisor
        let tokens = try translating("title") { () throws(EmbedderError) in
            try model.tokenizer.encodePlain(title)
        }
        guard tokens.count > tokensMax else { return (title, tokens.count) }
        let end = title.utf8.index(
            title.startIndex,
            offsetBy: tokens.offsets[tokensMax - 1].upperBound
        )
        return (String(title[..<end]), tokensMax)
    }
}
