internal import Embedder
internal import Kernels

/// Ranks a caller's own passages: by a reranker when the request names one, else by late interaction,
/// their token vectors computed on the spot.
///
/// Late interaction's score is (1 + s) / 2, where s is the mean over the query's tokens of the best
/// cosine similarity to a token of the passage, in full precision: 1 when every query token has an
/// equal in the passage, 0.5 when none has anything in common with it. It depends on query and passage
/// only, so that scores of different requests to one model can be compared.
struct RerankService {
    /// Tokens whose vectors are in memory at a time: 1.5 KB each at 384 dimensions.
    private static let sliceTokensMax = 8_192

    private let engine: Engine

    init(_ engine: Engine) {
        self.engine = engine
    }

    func run(_ request: RerankRequest) async throws(RagError) -> RerankResponse {
        try check(request)
        switch try engine.models.ranker(request.model) {
        case .embedding(let model): return try await compareTokens(request, model)
        case .reranker(let model): return try await score(request, model)
        }
    }

    private func score(
        _ request: RerankRequest,
        _ model: TextReranker
    ) async throws(RagError) -> RerankResponse {
        let scored = try await PassageScorer(engine, model, param: "documents").run(
            query: request.query,
            instruction: request.instruction,
            passages: request.documents,
            passageTokensMax: request.documentTokensMax
        )
        return response(
            to: request,
            model: model.name,
            scores: scored.scores,
            truncated: scored.truncated,
            tokens: scored.tokenCount
        )
    }

    private func compareTokens(
        _ request: RerankRequest,
        _ model: TextEmbedder
    ) async throws(RagError) -> RerankResponse {
        let tokenDimension = try model.tokenDimension(for: "model")
        guard request.instruction == nil else {
            throw RagError(
                .invalid,
                "'\(model.name)' is an embedding model and takes no instruction; name a reranker",
                param: "instruction"
            )
        }
        let query = try encodedQuery(request.query, model)
        let readings = try await readings(of: request, model)
        let passages = readings.map(\.windows)
        let tokenCount = passages.reduce(query.count) { sum, windows in
            windows.reduce(sum) { $0 + $1.count }
        }
        try Limits.check(
            tokenCount,
            atMost: engine.limits.requestTokensMax,
            "tokens of query and documents",
            param: "documents"
        )
        let priority = engine.limits.priority(tokenCount: tokenCount)
        let encodedQuery = try await encode([query], model, priority)
        let matcher = LateInteractionQuery(
            tokens: encodedQuery[0].tokenVectors,
            dimension: tokenDimension
        )
        return response(
            to: request,
            model: model.name,
            scores: try await score(passages, with: matcher, model, priority),
            truncated: Set(readings.indices.filter { readings[$0].isTruncated }),
            tokens: tokenCount
        )
    }

    /// The passages by score, best first.
    ///
    /// - Parameters:
    ///   - request: what was asked for.
    ///   - model: the name of what ranked.
    ///   - scores: one a passage.
    ///   - truncated: the numbers of those of which only the beginning was read.
    ///   - tokens: that were read.
    /// - Returns: the answer.
    private func response(
        to request: RerankRequest,
        model: String,
        scores: [Float],
        truncated: Set<Int>,
        tokens: Int
    ) -> RerankResponse {
        let order = scores.indices.sorted { first, second in
            scores[first] != scores[second] ? scores[first] > scores[second] : first < second
        }
        return RerankResponse(
            model: model,
            results: order.prefix(request.topN ?? order.count).map { index in
                RerankResponse.Result(
                    index: index,
                    score: scores[index],
                    isTruncated: truncated.contains(index),
                    text: request.returnDocuments ? request.documents[index] : nil
                )
            },
            tokens: tokens
        )
    }

    private func check(_ request: RerankRequest) throws(RagError) {
        let limits = engine.limits
        try Limits.check(
            request.query.utf8.count,
            atMost: limits.queryByteCountMax,
            "bytes of the query",
            param: "query"
        )
        guard request.query.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw RagError(.invalid, "the query is empty", param: "query")
        }
        try Limits.check(prompt: request.instruction, param: "instruction")
        guard !request.documents.isEmpty else {
            throw RagError(.invalid, "there are no documents to rank", param: "documents")
        }
        try Limits.check(
            request.documents.count,
            atMost: limits.rerankDocumentsMax,
            "documents to rank",
            param: "documents"
        )
        if let topN = request.topN {
            try Limits.check(topN, in: 1...Int.max, "results wanted", param: "top_n")
        }
        if let tokensMax = request.documentTokensMax {
            try Limits.check(
                tokensMax,
                in: 1...Int.max,
                "tokens of a document",
                param: "max_tokens_per_doc"
            )
        }
        for (index, document) in request.documents.enumerated() {
            try Limits.check(
                document.utf8.count,
                atMost: limits.textByteCountMax,
                "bytes of text",
                param: "documents[\(index)]"
            )
        }
    }

    private func encodedQuery(
        _ query: String,
        _ model: TextEmbedder
    ) throws(RagError) -> TokenizedText {
        let encoding = try translating("query") { () throws(EmbedderError) in
            try TokenizedText(model.queryPrompt + query, model.tokenizer)
        }
        guard encoding.count <= model.tokensMax else {
            throw .contextLengthExceeded(
                "the query has \(encoding.count) tokens, more than the \(model.tokensMax) that "
                    + "'\(model.name)' reads",
                param: "query"
            )
        }
        return encoding
    }

    /// Each passage as the model reads it; many passages on several threads.
    private func readings(
        of request: RerankRequest,
        _ model: TextEmbedder
    ) async throws(RagError) -> [PassageReading] {
        let chunker: Chunker
        do {
            let window = try ChunkWindow(model)
            chunker = try Chunker(
                tokenizer: model.tokenizer,
                tokensMax: window.tokensMax,
                overlapTokens: 0
            )
        } catch {
            throw RagError(.fault, "passages of this model cannot be cut", cause: error)
        }
        let passages = request.documents
        let tokensMax = request.documentTokensMax
        let slices = try await engine.ingestThreads.mapSlices(
            passages.map(\.utf8.count),
            weightMin: Tokenising.byteCountMin
        ) { range throws(RagError) in
            try translating("documents") { () throws(EmbedderError) in
                try passages[range].map { passage throws(EmbedderError) in
                    try PassageReading(passage, model, chunker, tokensMax: tokensMax)
                }
            }
        }
        return slices.flatMap(\.self)
    }

    /// The score of each passage, in slices whose token vectors fit in memory.
    private func score(
        _ passages: [[TokenizedText]],
        with matcher: LateInteractionQuery,
        _ model: TextEmbedder,
        _ priority: BatchPriority
    ) async throws(RagError) -> [Float] {
        var best: [Float] = []
        var slice: [[TokenizedText]] = []
        var sliceTokenCount = 0
        for (index, passage) in passages.enumerated() {
            slice.append(passage)
            sliceTokenCount += passage.reduce(0) { $0 + $1.count }
            guard index == passages.count - 1 || sliceTokenCount >= Self.sliceTokensMax else {
                continue
            }
            var encoded = try await encode(slice.flatMap(\.self), model, priority)[...]
            for windows in slice {
                let tokens = encoded.prefix(windows.count).flatMap(\.tokenVectors)
                encoded = encoded.dropFirst(windows.count)
                best.append((1 + min(1, max(-1, matcher.score(passageTokens: tokens)))) / 2)
            }
            slice = []
            sliceTokenCount = 0
        }
        return best
    }

    private func encode(
        _ texts: [TokenizedText],
        _ model: TextEmbedder,
        _ priority: BatchPriority
    ) async throws(RagError) -> [EncodedText] {
        try await model.encode(
            texts,
            output: .floats,
            priority: priority,
            on: engine.scheduler
        )
    }
}
