internal import Kernels
internal import VectorStore

/// Ranks candidates again, by how well the query's tokens are matched by theirs.
///
/// For each query token the best similarity to any token of the passage counts, against the stored
/// sign codes (`LateInteractionQuery`). Alone that ranks better than the passages' vectors do, and
/// better still together with what found the candidates: the standard scores of vector similarity,
/// BM25 and late interaction over the candidates are averaged with equal weights.
struct LateInteraction {
    private let collection: Collection
    private let query: EncodedQuery
    private let text: String

    init(_ collection: Collection, query: EncodedQuery, text: String) {
        self.collection = collection
        self.query = query
        self.text = text
    }

    /// Ranks candidates again.
    ///
    /// - Parameter candidates: from the first ranking, best first; a score of a stage that no
    ///   candidate has counts for nothing.
    /// - Returns: the candidates, best first, and how many tokens of theirs were compared.
    /// - Throws: `fault` when stored codes are damaged.
    func rank(
        _ candidates: [RankedChunk]
    ) throws(RagError) -> (ranking: [RankedChunk], tokenCount: Int) {
        let collection = collection
        let codes = try translating { () throws(VectorStoreError) in
            try collection.tokenCodes(for: candidates.map(\.key))
        }
        let codeByteCount = SignCodes.byteCount(dimension: query.tokenDimension)
        let matcher = LateInteractionQuery(
            tokens: query.tokenVectors,
            dimension: query.tokenDimension
        )
        var ranking = candidates
        var tokenCount = 0
        for index in ranking.indices {
            guard let codes = codes[ranking[index].key] else { continue }
            guard codes.count.isMultiple(of: codeByteCount) else {
                throw RagError(
                    .fault,
                    "chunk \(ranking[index].key) has \(codes.count) bytes of token codes, which are "
                        + "no whole codes of \(codeByteCount)"
                )
            }
            tokenCount += codes.count / codeByteCount
            ranking[index].scores.rerank = matcher.score(codes: codes)
        }
        try fillDenseScores(&ranking)
        try fillLexicalScores(&ranking)
        fuse(&ranking)
        return (ranking, tokenCount)
    }

    /// Candidates that only words found have a vector, too: its similarity is a look-up away.
    private func fillDenseScores(_ ranking: inout [RankedChunk]) throws(RagError) {
        guard ranking.contains(where: { $0.scores.dense != nil }) else { return }
        let missing = ranking.filter { $0.scores.dense == nil }.map(\.key)
        let vectors = try translating { () throws(VectorStoreError) in
            try collection.vectors(for: missing)
        }
        for index in ranking.indices where ranking[index].scores.dense == nil {
            ranking[index].scores.dense = vectors[ranking[index].key].map(similarity)
        }
    }

    /// Candidates that only vectors found may have words of the query, too, or may have none.
    private func fillLexicalScores(_ ranking: inout [RankedChunk]) throws(RagError) {
        guard ranking.contains(where: { $0.scores.lexical != nil }) else { return }
        let missing = ranking.filter { $0.scores.lexical == nil }.map(\.key)
        let (collection, text) = (collection, text)
        let scores = try translating { () throws(VectorStoreError) in
            try collection.lexicalScores(text, of: missing)
        }
        for index in ranking.indices where ranking[index].scores.lexical == nil {
            ranking[index].scores.lexical = scores[ranking[index].key]
        }
    }

    /// The metric's score of a stored vector, as a dense search gives it.
    private func similarity(to vector: [Float]) -> Float {
        switch collection.configuration.metric {
        case .cosine, .dot: VectorMath.dot(query.vector, vector)
        case .euclidean: -VectorMath.squaredDistance(query.vector, vector).squareRoot()
        }
    }

    private func fuse(_ ranking: inout [RankedChunk]) {
        let signals = [
            ranking.map(\.scores.dense), ranking.map(\.scores.lexical),
            ranking.map(\.scores.rerank),
        ]
        .filter { signal in signal.contains { $0 != nil } }
        .map(Fusion.standardScores)
        for index in ranking.indices {
            let sum = signals.reduce(Float(0)) { $0 + $1[index] }
            ranking[index].score = Fusion.logistic(sum / Float(max(1, signals.count)))
        }
        ranking.sort { first, second in
            first.score != second.score ? first.score > second.score : first.key < second.key
        }
    }
}
