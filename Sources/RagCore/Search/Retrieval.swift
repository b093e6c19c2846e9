internal import Embedder
internal import VectorStore

/// A chunk in a ranking, with what each stage said of it.
struct RankedChunk: Sendable, Hashable {
    let key: ChunkKey
    /// The score that the ranking is sorted by.
    var score: Float
    var scores = SearchHit.Scores()
}

/// A query that went through the encoder.
struct EncodedQuery: Sendable {
    /// Its vector, of the collection's dimensions.
    let vector: [Float]
    /// Its token vectors, when they were asked for: tokens × the model's token dimension.
    let tokenVectors: [Float]
    /// Components of a token vector; 0 when they were not asked for.
    let tokenDimension: Int
    let tokenCount: Int
}

/// The first ranking: nearest vectors, matching words, or both fused.
struct Retrieval {
    /// What was found, and what it took.
    struct Found: Sendable {
        /// Best first.
        var ranking: [RankedChunk]
        var query: EncodedQuery?
        var timings: SearchTimings
        /// Whether a deeper ranking would hold no more.
        var isComplete: Bool
    }

    private let engine: Engine
    private let collection: Collection
    private let plan: SearchPlan

    init(_ engine: Engine, _ collection: Collection, _ plan: SearchPlan) {
        self.engine = engine
        self.collection = collection
        self.plan = plan
    }

    /// Runs the searches.
    ///
    /// - Parameter previous: a run of a shallower plan of the same request, whose encoded query
    ///   serves again.
    /// - Returns: the ranking.
    /// - Throws: what the store or the scheduler threw, and `context_length_exceeded`.
    func run(again previous: Found? = nil) async throws(RagError) -> Found {
        let start = ContinuousClock.now
        let selection = try select()
        // Beside the encoder: the two need different threads. A result and not a throwing task,
        // since `async let` would lose the error's type.
        async let words = lexicalHits(selection)
        let embedStart = ContinuousClock.now
        let query: EncodedQuery?
        if let previous { query = previous.query } else { query = try await encodeQuery() }
        let embedding = embedStart.duration(to: .now)
        let dense = try denseHits(plan.request.vector ?? query?.vector, selection)
        let lexical = try await words.get()
        let ranking = rank(dense: dense, lexical: lexical)
        let total = start.duration(to: .now)
        var timings = previous?.timings ?? SearchTimings()
        timings.embed += embedding.milliseconds
        timings.search += (total - embedding).milliseconds
        return Found(
            ranking: ranking,
            query: query,
            timings: timings,
            isComplete: dense.count < plan.depth && lexical.count < plan.depth
        )
    }

    private func select() throws(RagError) -> Selection? {
        guard let filter = plan.request.filter else { return nil }
        let collection = collection
        return try translating { () throws(VectorStoreError) in try collection.select(filter) }
    }

    private func encodeQuery() async throws(RagError) -> EncodedQuery? {
        guard plan.embedsQuery, let query = plan.request.query else { return nil }
        let model = try engine.models.embedder(collection.configuration.model)
        let prompt =
            plan.queryPrompt ?? collection.configuration.queryPrompt ?? model.queryPrompt
        let tokenDimension =
            plan.queryOutput == .none ? 0 : try model.tokenDimension(for: "rerank")
        let text = try engine.times.measure(.tokenise) { () throws(RagError) in
            try translating("query") { () throws(EmbedderError) in
                try TokenizedText(prompt + query, model.tokenizer)
            }
        }
        guard text.count <= model.tokensMax else {
            throw .contextLengthExceeded(
                "the query has \(text.count) tokens, more than the \(model.tokensMax) that "
                    + "'\(model.name)' reads; shorten it, or search by mode 'lexical'",
                param: "query"
            )
        }
        let encoded = try await model.encode(
            [text],
            output: plan.queryOutput,
            priority: .query,
            on: engine.scheduler
        )
        return EncodedQuery(
            vector: try shortened(encoded[0].vector, to: collection.configuration.dimension),
            tokenVectors: encoded[0].tokenVectors,
            tokenDimension: tokenDimension,
            tokenCount: text.count
        )
    }

    private func denseHits(
        _ vector: [Float]?,
        _ selection: Selection?
    ) throws(RagError) -> [ChunkHit] {
        guard plan.usesDense, let vector else { return [] }
        let (collection, plan) = (collection, plan)
        return try engine.times.measure(.ann) { () throws(RagError) in
            try translating { () throws(VectorStoreError) in
                try collection.searchDense(
                    vector,
                    count: plan.depth,
                    expansion: plan.expansion,
                    exact: plan.request.exact,
                    selection: selection
                )
            }
        }
    }

    private func lexicalHits(_ selection: Selection?) async -> Result<[ChunkHit], RagError> {
        guard plan.usesLexical, let query = plan.request.query else { return .success([]) }
        let (collection, plan) = (collection, plan)
        return Result { () throws(RagError) in
            try engine.times.measure(.bm25) { () throws(RagError) in
                try translating { () throws(VectorStoreError) in
                    try collection.searchLexical(
                        query,
                        count: plan.depth,
                        selection: selection
                    )
                }
            }
        }
    }

    /// The ranking of the request's mode, each chunk with the scores of both searches.
    private func rank(dense: [ChunkHit], lexical: [ChunkHit]) -> [RankedChunk] {
        let denseScores = scores(dense)
        let lexicalScores = scores(lexical)
        let fused: [Scored<ChunkKey>]
        switch plan.mode {
        case .dense: fused = dense.map { Scored(element: $0.key, score: $0.score) }
        case .lexical: fused = lexical.map { Scored(element: $0.key, score: $0.score) }
        case .hybrid: fused = fuse(dense: dense, lexical: lexical)
        }
        return fused.map { hit in
            RankedChunk(
                key: hit.element,
                score: hit.score,
                scores: SearchHit.Scores(
                    dense: denseScores[hit.element],
                    lexical: lexicalScores[hit.element],
                    fused: plan.mode == .hybrid ? hit.score : nil
                )
            )
        }
    }

    private func fuse(dense: [ChunkHit], lexical: [ChunkHit]) -> [Scored<ChunkKey>] {
        let settings = plan.request.fusion ?? SearchRequest.FusionSettings()
        let weights = [settings.denseWeight, settings.lexicalWeight]
        switch settings.method {
        case .rrf:
            return Fusion.reciprocalRanks(
                [dense.map(\.key), lexical.map(\.key)],
                weights: weights,
                rankConstant: settings.rankConstant ?? Fusion.rankConstant
            )
        case .weighted:
            return Fusion.weightedScores(
                [dense, lexical].map { $0.map { Scored(element: $0.key, score: $0.score) } },
                weights: weights
            )
        }
    }

    private func scores(_ hits: [ChunkHit]) -> [ChunkKey: Float] {
        Dictionary(hits.map { ($0.key, $0.score) }, uniquingKeysWith: { first, _ in first })
    }
}
