internal import Embedder
internal import VectorStore

/// Ranks candidates again by a reranker that reads the query with each of their texts.
///
/// The reranker's score is the hit's: unlike what found the candidates, it has read both.
struct PassageRanking {
    private let collection: Collection
    private let scorer: PassageScorer

    init(_ engine: Engine, _ collection: Collection, _ reranker: TextReranker) {
        self.collection = collection
        scorer = PassageScorer(engine, reranker, param: "rerank.candidates")
    }

    /// Ranks candidates again.
    ///
    /// - Parameters:
    ///   - candidates: from the first ranking; one that was deleted since is left out.
    ///   - query: the question.
    ///   - instruction: what the reranker is told of its task; nil for its own default.
    /// - Returns: the candidates, best first, and how many tokens were read.
    /// - Throws: as `PassageScorer.run`, and what the store threw.
    func rank(
        _ candidates: [RankedChunk],
        for query: String,
        instruction: String?
    ) async throws(RagError) -> (ranking: [RankedChunk], tokenCount: Int) {
        let collection = collection
        let chunks = try translating { () throws(VectorStoreError) in
            try collection.chunks(for: candidates.map(\.key), context: 0)
        }
        var ranking = candidates.filter { chunks[$0.key] != nil }
        let scored = try await scorer.run(
            query: query,
            instruction: instruction,
            passages: ranking.compactMap { chunks[$0.key]?.text }
        )
        for (index, score) in scored.scores.enumerated() {
            ranking[index].score = score
            ranking[index].scores.rerank = score
        }
        ranking.sort { first, second in
            first.score != second.score ? first.score > second.score : first.key < second.key
        }
        return (ranking, scored.tokenCount)
    }
}
