internal import Embedder
internal import Kernels
internal import VectorStore

/// A checked search request: what has to be computed for it.
struct SearchPlan: Sendable {
    /// Hits that each search gives to the fusion at least.
    ///
    /// Ranks past it add less than 1/160 to a fused score, and the hits of a page are seldom found
    /// that deep by both.
    static let fusionDepth = 100

    /// How many more chunks are ranked for a page of documents than it has documents: room for the
    /// further chunks of those that are found.
    static let groupFactor = 4

    /// Each search gives twice as many hits to the fusion as there are candidates for a rerank: a
    /// passage that both find late is a better candidate than one that only one of them finds late.
    static let candidateDepthFactor = 2

    let request: SearchRequest
    let mode: SearchRequest.Mode
    /// Whether candidates are ranked again by a reranker, which reads their texts.
    let usesReranker: Bool
    /// What the request wants before the query; nil is the collection's, then the model's.
    let queryPrompt: String?
    /// Chunks that each search ranks for the answer.
    private(set) var depth: Int
    /// Hits that diverse ones are chosen from; 0 when each is ranked for itself.
    let diversityCandidates: Int

    /// One past the last hit of the page.
    var pageEnd: Int { request.offset + request.limit }

    /// Hits that the ranking has to have for the page.
    var hitCountWanted: Int { max(pageEnd, diversityCandidates) }

    /// Whether `deepen()` can still find more.
    var isDeepest: Bool { depth == Collection.hitCountMax }

    var usesDense: Bool { mode != .lexical }
    var usesLexical: Bool { mode != .dense }

    /// Whether the query goes through the encoder.
    var embedsQuery: Bool { (usesDense && request.vector == nil) || comparesTokens }

    /// Whether candidates are ranked again by late interaction.
    private var comparesTokens: Bool { request.rerank != nil && !usesReranker }

    /// The query's token vectors are for the rerank only.
    var queryOutput: TokenVectorOutput { comparesTokens ? .floats : .none }

    /// The beam has to be as wide as the hits that are wanted; a wider one is the caller's choice.
    var expansion: Int? { request.ef.map { max($0, depth) } }

    /// Ranks four times as many chunks: those found were of too few documents for the page.
    mutating func deepen() {
        depth = min(4 * depth, Collection.hitCountMax)
    }

    /// Checks a request against the limits and the collection.
    ///
    /// - Throws: `invalid` or `tooLarge` naming the field.
    init(
        _ request: SearchRequest,
        for collection: CollectionConfiguration,
        limits: Limits,
        usesReranker: Bool
    ) throws(RagError) {
        self.request = request
        self.usesReranker = usesReranker
        mode = try Self.mode(of: request)
        queryPrompt = try Prompts.query(request.queryPrompt, instruction: request.instruction)
        let page = request.offset.addingReportingOverflow(request.limit)
        try Limits.check(
            request.limit,
            in: 1...limits.searchLimitMax,
            "hits wanted",
            param: "limit"
        )
        try Limits.check(
            request.offset,
            in: 0...limits.searchWindowMax,
            "hits left out",
            param: "offset"
        )
        try Limits.check(
            page.partialValue,
            in: 1...limits.searchWindowMax,
            "hits ranked for this page",
            param: "offset"
        )
        diversityCandidates = Self.diversityCandidates(request, limits)
        // Those that are too many are refused below; until then they must not overflow.
        let deepest = Collection.hitCountMax
        let wanted = min(max(page.partialValue, diversityCandidates), deepest)
        let factor = request.groupByDocument ? Self.groupFactor : 1
        let candidates =
            min(request.rerank?.candidates ?? 0, deepest) * Self.candidateDepthFactor
        let least = mode == .hybrid ? Self.fusionDepth : 1
        depth = min(max(least, candidates, wanted * factor), deepest)
        try checkQuery(limits)
        try checkVector(collection)
        try checkRerank(collection, limits)
        try checkFusion(limits)
        try checkDiversity(limits)
        try checkOptions(limits)
    }

    private static func mode(of request: SearchRequest) throws(RagError) -> SearchRequest.Mode {
        let mode = request.mode ?? (request.query == nil ? .dense : .hybrid)
        if request.query == nil, request.vector == nil {
            throw RagError(.invalid, "a search needs a query or a vector", param: "query")
        }
        if request.query == nil, mode != .dense {
            throw RagError(
                .invalid,
                "mode '\(mode.rawValue)' needs a query; only mode 'dense' does with a vector alone",
                param: "query"
            )
        }
        if request.vector != nil, mode == .lexical {
            throw RagError(.invalid, "mode 'lexical' has no use for a vector", param: "vector")
        }
        return mode
    }

    private func checkQuery(_ limits: Limits) throws(RagError) {
        guard let query = request.query else { return }
        guard query.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw RagError(.invalid, "the query is empty", param: "query")
        }
        try Limits.check(
            query.utf8.count,
            atMost: limits.queryByteCountMax,
            "bytes of the query",
            param: "query"
        )
    }

    private func checkVector(_ collection: CollectionConfiguration) throws(RagError) {
        let dimension = collection.dimension
        if let dimensions = request.dimensions, dimensions != dimension {
            throw RagError(
                .invalid,
                "collection '\(collection.name)' has \(dimension) dimensions, not \(dimensions)",
                param: "dimensions"
            )
        }
        guard let vector = request.vector else { return }
        guard vector.count == dimension else {
            throw RagError(
                .invalid,
                "collection '\(collection.name)' holds vectors of \(dimension) elements by the model "
                    + "'\(collection.model)', not of \(vector.count)",
                param: "vector"
            )
        }
        guard VectorMath.isFinite(vector) else {
            throw RagError(.invalid, "an element of the vector is not finite", param: "vector")
        }
    }

    private func checkRerank(
        _ collection: CollectionConfiguration,
        _ limits: Limits
    ) throws(RagError) {
        guard let rerank = request.rerank else { return }
        try Limits.check(
            rerank.candidates,
            in: 1...limits.rerankCandidatesMax,
            "candidates to rank again",
            param: "rerank.candidates"
        )
        guard rerank.candidates >= pageEnd else {
            throw RagError(
                .invalid,
                "hits up to number \(pageEnd) are wanted of \(rerank.candidates) candidates; ask for "
                    + "more candidates or for fewer hits",
                param: "rerank.candidates"
            )
        }
        guard request.query != nil else {
            throw RagError(.invalid, "rerank needs a query, not a vector alone", param: "rerank")
        }
        try Limits.check(prompt: rerank.instruction, param: "rerank.instruction")
        guard usesReranker || rerank.instruction == nil else {
            throw RagError(
                .invalid,
                "late interaction takes no instruction; name a reranker as rerank.model",
                param: "rerank.instruction"
            )
        }
        guard usesReranker || collection.lateInteraction != .none else {
            throw RagError(
                .invalid,
                "collection '\(collection.name)' keeps no token codes (late_interaction: none), so "
                    + "its hits cannot be ranked again without a reranker",
                param: "rerank"
            )
        }
    }

    private func checkFusion(_ limits: Limits) throws(RagError) {
        guard let fusion = request.fusion else { return }
        guard mode == .hybrid else {
            throw RagError(
                .invalid,
                "mode '\(mode.rawValue)' has one ranking, which needs no fusion; leave fusion out, or "
                    + "search by mode 'hybrid'",
                param: "fusion"
            )
        }
        if let constant = fusion.rankConstant {
            guard fusion.method == .rrf else {
                throw RagError(
                    .invalid,
                    "k belongs to method 'rrf'; method 'weighted' adds scores, not ranks",
                    param: "fusion.k"
                )
            }
            try Limits.check(
                constant,
                in: 1...limits.rankConstantMax,
                "constant of reciprocal ranks",
                param: "fusion.k"
            )
        }
        let weights = [("dense", fusion.denseWeight), ("lexical", fusion.lexicalWeight)]
        for (name, weight) in weights {
            guard weight >= 0, weight <= limits.fusionWeightMax else {
                throw RagError(
                    .invalid,
                    "a weight is 0 to \(limits.fusionWeightMax), not \(weight)",
                    param: "fusion.weights.\(name)"
                )
            }
        }
        guard weights.contains(where: { $0.1 > 0 }) else {
            throw RagError(.invalid, "both weights are 0", param: "fusion.weights")
        }
    }

    /// Four times the page, at least 100: with no more candidates than hits there is nothing to choose.
    private static func diversityCandidates(_ request: SearchRequest, _ limits: Limits) -> Int {
        guard let diversity = request.diversity else { return 0 }
        let page = request.offset + request.limit
        return diversity.candidates ?? min(max(100, 4 * page), limits.diversityCandidatesMax)
    }

    private func checkDiversity(_ limits: Limits) throws(RagError) {
        guard let diversity = request.diversity else { return }
        guard (0...1).contains(diversity.lambda) else {
            throw RagError(
                .invalid,
                "lambda is 0 to 1, not \(diversity.lambda): 1 ranks by relevance alone",
                param: "mmr.lambda"
            )
        }
        try Limits.check(
            diversityCandidates,
            in: 1...limits.diversityCandidatesMax,
            "candidates for diverse hits",
            param: "mmr.candidates"
        )
        guard diversityCandidates >= pageEnd else {
            throw RagError(
                .invalid,
                "hits up to number \(pageEnd) are wanted of \(diversityCandidates) candidates; ask "
                    + "for more candidates or for fewer hits",
                param: "mmr.candidates"
            )
        }
    }

    private func checkOptions(_ limits: Limits) throws(RagError) {
        try Limits.check(
            request.context,
            in: 0...limits.contextMax,
            "chunks of context on each side",
            param: "context"
        )
        if let ef = request.ef {
            try Limits.check(ef, in: 1...limits.expansionMax, "beam width", param: "ef")
        }
        if let score = request.minScore, !score.isFinite {
            throw RagError(.invalid, "the least score is not finite", param: "min_score")
        }
        if let filter = request.filter {
            try translating { () throws(VectorStoreError) in try filter.validate() }
        }
    }
}
