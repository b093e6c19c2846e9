import RagCore

/// One way of searching that an evaluation compares.
struct EvaluationMethod {
    let name: String
    let mode: SearchRequest.Mode
    let rerank: SearchRequest.Rerank?
    var fusion: SearchRequest.FusionSettings.Method?

    /// Each index alone, both fused in either way, and the fused list ranked again.
    static func all(candidates: Int) -> [EvaluationMethod] {
        [
            EvaluationMethod(name: "dense", mode: .dense, rerank: nil),
            EvaluationMethod(name: "lexical", mode: .lexical, rerank: nil),
            EvaluationMethod(name: "hybrid", mode: .hybrid, rerank: nil),
            EvaluationMethod(name: "weighted", mode: .hybrid, rerank: nil, fusion: .weighted),
            EvaluationMethod(
                name: "hybrid+rerank",
                mode: .hybrid,
                rerank: SearchRequest.Rerank(candidates: candidates)
            ),
        ]
    }

    /// The request for the best 100 documents.
    func request(_ query: String) -> SearchRequest {
        SearchRequest(
            query: query,
            limit: 100,
            mode: mode,
            rerank: rerank,
            groupByDocument: true,
            fusion: fusion.map { SearchRequest.FusionSettings(method: $0) }
        )
    }
}
