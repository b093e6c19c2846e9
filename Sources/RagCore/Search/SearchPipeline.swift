internal import Embedder
internal import VectorStore

/// A question to one collection, from text to cited passages.
///
/// A request passes these steps, on the service's read threads:
///
/// 1. `SearchPlan`: the request is checked, and its depth chosen.
/// 2. The filter becomes the set of chunks that count.
/// 3. Words are looked up (BM25) beside the encoding of the query in the *query* class, which the
///    search for the nearest vectors follows.
/// 4. `Fusion`: hybrid merges the two rankings, by reciprocal ranks or by weighted scores.
/// 5. `LateInteraction`: the best candidates are ranked again by their tokens; or `PassageRanking`, by a
///    reranker that reads their texts.
/// 6. `MarginalRelevance`: hits that are unlike each other are chosen, grouped by document if asked.
/// 7. One page is cut, and only its hits are read from disk.
struct SearchPipeline {
    private let engine: Engine
    private let collection: Collection

    init(_ engine: Engine, collection: String) throws(RagError) {
        self.engine = engine
        self.collection = try engine.collection(collection)
    }

    func run(_ request: SearchRequest) async throws(RagError) -> SearchResponse {
        let start = ContinuousClock.now
        try checkModel(request.model)
        let reranker = try reranker(for: request.rerank)
        let plan = try SearchPlan(
            request,
            for: collection.configuration,
            limits: engine.limits,
            usesReranker: reranker != nil
        )
        let found = try await retrieve(plan)
        var timings = found.timings

        var ranking = found.ranking
        var rerankTokens = 0
        if let rerank = request.rerank {
            guard !Task.isCancelled else { throw .cancelled }
            let rerankStart = ContinuousClock.now
            let candidates = Array(ranking.prefix(rerank.candidates))
            if let reranker {
                (ranking, rerankTokens) = try await PassageRanking(engine, collection, reranker)
                    .rank(candidates, for: request.query ?? "", instruction: rerank.instruction)
            } else if let query = found.query {
                (ranking, rerankTokens) = try LateInteraction(
                    collection,
                    query: query,
                    text: request.query ?? ""
                ).rank(candidates)
            }
            let duration = rerankStart.duration(to: .now)
            engine.times.observe(.rerank, duration)
            timings.rerank = duration.milliseconds
        }

        let hits = try page(of: ranking, plan)
        timings.total = start.duration(to: .now).milliseconds
        return SearchResponse(
            hits: hits,
            queryTokens: found.query?.tokenCount ?? 0,
            rerankTokens: rerankTokens,
            timings: timings,
            degraded: plan.usesDense ? degradation : nil
        )
    }

    /// Refuses a search by another model than the one that the collection's vectors are of.
    private func checkModel(_ name: String?) throws(RagError) {
        guard let name else { return }
        let configuration = collection.configuration
        guard name != configuration.model else { return }
        let models = engine.models
        guard let id = models.id(name), id == models.id(configuration.model) else {
            throw RagError(
                .invalid,
                "collection '\(configuration.name)' is bound to the model '\(configuration.model)', "
                    + "not to '\(name.prefix(100))'; leave model out, or search a collection of that "
                    + "model",
                param: "model",
                code: "model_mismatch"
            )
        }
    }

    /// The reranker that a request names; nil when it asks for none, or for late interaction.
    private func reranker(for rerank: SearchRequest.Rerank?) throws(RagError) -> TextReranker? {
        let own = collection.configuration.model
        guard let name = rerank?.model, name != own else { return nil }
        let models = engine.models
        if let id = models.id(name), id == models.id(own) { return nil }
        do {
            return try models.reranker(name)
        } catch {
            var failure = error
            if failure.param == "model" { failure.param = "rerank.model" }
            throw failure
        }
    }

    /// The first ranking, deep enough that a page of documents is full if it can be.
    private func retrieve(_ plan: SearchPlan) async throws(RagError) -> Retrieval.Found {
        var plan = plan
        var found = try await Retrieval(engine, collection, plan).run()
        guard plan.request.groupByDocument, plan.request.rerank == nil else { return found }
        while !found.isComplete, !plan.isDeepest,
            try bestOfEachDocument(found.ranking).count < plan.hitCountWanted
        {
            plan.deepen()
            found = try await Retrieval(engine, collection, plan).run(again: found)
        }
        return found
    }

    /// Cuts the page out of a ranking, and reads its hits.
    private func page(
        of ranking: [RankedChunk],
        _ plan: SearchPlan
    ) throws(RagError) -> [SearchHit] {
        let request = plan.request
        var ranking = ranking
        if let least = request.minScore { ranking.removeAll { $0.score < least } }
        if request.groupByDocument { ranking = try bestOfEachDocument(ranking) }
        if let diversity = request.diversity { ranking = try diverse(ranking, diversity, plan) }
        let page = ranking.dropFirst(request.offset).prefix(request.limit)
        let collection = collection
        let chunks = try translating { () throws(VectorStoreError) in
            try collection.chunks(for: page.map(\.key), context: request.context)
        }
        // A chunk that was deleted since it was found is left out.
        return page.compactMap { ranked in
            chunks[ranked.key].map { SearchHit($0, ranked, explain: request.explain) }
        }
    }

    /// Hits of a ranking in an order in which none repeats those before it.
    private func diverse(
        _ ranking: [RankedChunk],
        _ diversity: SearchRequest.Diversity,
        _ plan: SearchPlan
    ) throws(RagError) -> [RankedChunk] {
        let candidates = ranking.prefix(plan.diversityCandidates)
        let collection = collection
        let vectors = try translating { () throws(VectorStoreError) in
            try collection.vectors(for: candidates.map(\.key))
        }
        return MarginalRelevance.choose(
            relevances: candidates.map(\.score),
            vectors: candidates.map { vectors[$0.key] },
            lambda: diversity.lambda,
            count: plan.pageEnd
        )
        .map { index, value in
            var hit = candidates[index]
            hit.scores.marginal = value
            return hit
        }
    }

    private func bestOfEachDocument(
        _ ranking: [RankedChunk]
    ) throws(RagError) -> [RankedChunk] {
        let collection = collection
        let documents = try translating { () throws(VectorStoreError) in
            try collection.documentKeys(for: ranking.map(\.key))
        }
        var seen: Set<Int64> = []
        return ranking.filter { ranked in
            documents[ranked.key].map { seen.insert($0).inserted } ?? false
        }
    }

    private var degradation: String? {
        switch collection.indexState {
        case .graph: return nil
        case .rebuilding: return "the index is being rebuilt; vectors are scanned meanwhile"
        }
    }
}

extension SearchHit {
    fileprivate init(_ chunk: StoredChunk, _ ranked: RankedChunk, explain: Bool) {
        self.init(
            documentID: chunk.documentID,
            chunkID: String(chunk.key),
            text: chunk.text,
            score: ranked.score,
            title: chunk.title,
            metadata: chunk.metadata,
            source: Source(
                name: chunk.source,
                start: chunk.range.lowerBound,
                end: chunk.range.upperBound
            ),
            scores: explain ? ranked.scores : nil
        )
    }
}
