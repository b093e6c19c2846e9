internal import Embedder

/// What makes vectors of texts under one name: weights in this process, or another server.
///
/// Both read texts in the same way, so that documents are cut and tokens counted alike. A server gives
/// no vectors of tokens; what needs those asks for `tokenDimension(for:)` first.
///
/// Thread safety: immutable.
struct TextEmbedder: Sendable {
    /// Where the vectors are made.
    enum Source: Sendable {
        case local(EmbeddingModel)
        case remote(RemoteModel)
    }

    /// The name that answers give and that collections keep.
    let name: String
    /// How it reads texts.
    let reading: TextReading
    let source: Source

    init(_ model: EmbeddingModel) {
        name = model.name
        reading = model.reading
        source = .local(model)
    }

    init(_ model: RemoteModel, reading: TextReading) {
        name = model.name
        self.reading = reading
        source = .remote(model)
    }

    var tokenizer: Tokenizer { reading.tokenizer }
    var tokensMax: Int { reading.tokensMax }
    var queryPrompt: String { reading.queryPrompt }
    var documentPrompt: String { reading.documentPrompt }

    /// Elements of a text's vector.
    ///
    /// - Throws: what the server threw, when it has not said and is asked now.
    func dimension() async throws(RagError) -> Int {
        switch source {
        case .local(let model): model.dimension
        case .remote(let model): try await model.dimension()
        }
    }

    /// The fewest elements that a text's vector may be shortened to; of a server's models nothing is
    /// known.
    var dimensionMin: Int {
        switch source {
        case .local(let model): model.dimensionMin
        case .remote: 1
        }
    }

    /// Whether it gives vectors of tokens besides those of texts.
    var hasTokenVectors: Bool {
        switch source {
        case .local: true
        case .remote: false
        }
    }

    /// Elements of a token's vector.
    ///
    /// - Parameter param: the field of the request that wants vectors of tokens.
    /// - Returns: their dimension.
    /// - Throws: `invalid` when there are none.
    func tokenDimension(for param: String) throws(RagError) -> Int {
        switch source {
        case .local(let model): return model.tokenDimension
        case .remote:
            throw RagError(
                .invalid,
                "'\(name)' is computed by another server, which gives no vectors of tokens to compare; "
                    + "name a reranker",
                param: param
            )
        }
    }
}

extension TextEmbedder {
    /// Encodes texts.
    ///
    /// - Parameters:
    ///   - texts: of this model's tokenizer.
    ///   - output: which token vectors are wanted besides the text's own; a server gives none.
    ///   - priority: the class to wait in.
    ///   - scheduler: whose threads compute what is computed here.
    /// - Returns: one result a text, in order.
    /// - Throws: as `BatchScheduler.encode`, or `RemoteModel.embed`.
    func encode(
        _ texts: [TokenizedText],
        output: TokenVectorOutput = .none,
        priority: BatchPriority,
        on scheduler: BatchScheduler
    ) async throws(RagError) -> [EncodedText] {
        switch source {
        case .local(let model):
            try await scheduler.encode(
                texts.map(\.encoding),
                with: model,
                output: output,
                priority: priority
            )
        case .remote(let model):
            try await model.embed(texts, priority: priority).map { EncodedText(vector: $0) }
        }
    }
}
