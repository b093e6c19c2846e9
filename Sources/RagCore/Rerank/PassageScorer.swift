internal import Embedder

/// Scores passages for a query by a reranker.
///
/// Each passage is a text of its own to the scheduler, which packs them by length with whatever else
/// waits for the model; what they begin with is computed once (`RerankModel`).
struct PassageScorer {
    /// What was found of passages, in their order.
    struct Scored: Sendable {
        var scores: [Float] = []
        /// The numbers of those of which only the beginning was read.
        var truncated: Set<Int> = []
        /// Tokens that were read, those counted once that a decoder computes once; 0 when another server
        /// read them.
        var tokenCount = 0
    }

    private let engine: Engine
    private let reranker: TextReranker
    private let param: String

    /// A scorer.
    ///
    /// - Parameters:
    ///   - engine: whose threads compute.
    ///   - reranker: the reranker.
    ///   - param: what the passages are called in errors.
    init(_ engine: Engine, _ reranker: TextReranker, param: String) {
        self.engine = engine
        self.reranker = reranker
        self.param = param
    }

    /// Scores passages.
    ///
    /// - Parameters:
    ///   - query: the query.
    ///   - instruction: what the model is told of its task; nil is its own default.
    ///   - passages: the passages.
    ///   - passageTokensMax: tokens of each that are read; nil is what there is room for.
    /// - Returns: the scores.
    /// - Throws: `context_length_exceeded` when the query leaves no room for a passage, `tooLarge` when
    ///   all are too many tokens, `invalid` when the model takes no instruction or its tokens cannot be
    ///   counted here, and what the scheduler threw.
    func run(
        query: String,
        instruction: String?,
        passages: [String],
        passageTokensMax: Int? = nil
    ) async throws(RagError) -> Scored {
        switch reranker {
        case .local(let model):
            return try await LocalScoring(
                engine: engine,
                model: model,
                param: param,
                passageTokensMax: passageTokensMax
            ).run(query: query, instruction: instruction, passages: passages)
        case .remote(let model):
            guard passageTokensMax == nil else {
                throw RagError(
                    .invalid,
                    "'\(model.name)' is computed by another server, which counts tokens and cuts "
                        + "passages itself; shorten the passages, or leave max_tokens_per_doc out",
                    param: "max_tokens_per_doc"
                )
            }
            return
                try await RemoteScoring(engine: engine, model: model, param: param)
                .run(query: query, instruction: instruction, passages: passages)
        }
    }
}

/// Scores passages by weights in this process.
private struct LocalScoring {
    let engine: Engine
    let model: RerankModel
    let param: String
    let passageTokensMax: Int?

    func run(
        query: String,
        instruction: String?,
        passages: [String]
    ) async throws(RagError) -> PassageScorer.Scored {
        let encodings = try await encodings(of: passages, for: try reading(query, instruction))
        let tokenCount = encodings.reduce(encodings.first?.sharedCount ?? 0) { $0 + $1.ownCount }
        let limits = engine.limits
        try Limits.check(
            tokenCount,
            atMost: limits.requestTokensMax,
            "tokens of query and passages",
            param: param
        )
        let encoded = try await engine.scheduler.encode(
            encodings,
            with: model,
            output: .none,
            priority: limits.priority(tokenCount: tokenCount)
        )
        return PassageScorer.Scored(
            scores: encoded.map { $0.vector[0] },
            truncated: Set(encodings.indices.filter { encodings[$0].omittedTokenCount > 0 }),
            tokenCount: tokenCount
        )
    }

    /// The query as the model reads it before each passage.
    private func reading(
        _ query: String,
        _ instruction: String?
    ) throws(RagError) -> RerankQuery {
        guard instruction == nil || model.takesInstruction else {
            throw .noInstruction(model.name)
        }
        let reading = try translating("query") { () throws(EmbedderError) in
            try model.query(query, instruction: instruction)
        }
        let most = min(engine.limits.rerankQueryTokensMax, tokensMax - 1)
        guard reading.tokenCount <= most else {
            throw .contextLengthExceeded(
                "the query takes \(reading.tokenCount) tokens with what is around it; at most \(most) "
                    + "leave '\(model.name)' room for passages",
                param: "query"
            )
        }
        return reading
    }

    /// Tokenises passages, many of them on several threads.
    private func encodings(
        of passages: [String],
        for query: RerankQuery
    ) async throws(RagError) -> [Encoding] {
        let start = ContinuousClock.now
        defer { engine.times.observe(.tokenise, start.duration(to: .now)) }
        // Cut here or by the model, whichever comes first.
        let wanted = query.tokenCount + min(passageTokensMax ?? tokensMax, tokensMax)
        let tokensMax = min(tokensMax, wanted)
        let param = param
        let slices = try await engine.ingestThreads.mapSlices(
            passages.map(\.utf8.count),
            weightMin: Tokenising.byteCountMin
        ) { range throws(RagError) in
            try translating(param) { () throws(EmbedderError) in
                try passages[range].map { passage throws(EmbedderError) in
                    try query.encode(passage, tokensMax: tokensMax)
                }
            }
        }
        return slices.flatMap(\.self)
    }

    /// Tokens of a query with a passage.
    private var tokensMax: Int { min(model.tokensMax, engine.limits.rerankPairTokensMax) }
}

/// Scores passages by another server, which counts tokens and cuts passages by itself.
private struct RemoteScoring {
    let engine: Engine
    let model: RemoteModel
    let param: String

    /// Bytes of text for which a token is reckoned, where no tokenizer is there to count: what queues
    /// are bounded by, and nothing that is answered.
    private static let bytesPerToken = 4

    func run(
        query: String,
        instruction: String?,
        passages: [String]
    ) async throws(RagError) -> PassageScorer.Scored {
        guard instruction == nil else { throw .noInstruction(model.name) }
        let texts = passages.map { passage in
            let byteCount = passage.utf8.count + query.utf8.count
            return RemoteQueue.Text(passage, tokenCount: 1 + byteCount / Self.bytesPerToken)
        }
        let tokenCount = texts.reduce(0) { $0 + $1.tokenCount }
        let limits = engine.limits
        try Limits.check(
            tokenCount,
            atMost: limits.requestTokensMax,
            "tokens of query and passages, by their bytes",
            param: param
        )
        let scores = try await model.score(
            texts,
            for: query,
            priority: limits.priority(tokenCount: tokenCount)
        )
        return PassageScorer.Scored(scores: scores)
    }
}

extension RagError {
    fileprivate static func noInstruction(_ name: String) -> RagError {
        RagError(.invalid, "'\(name)' takes no instruction; leave it out", param: "instruction")
    }
}
