/// What a search found.
public struct SearchResponse: Sendable, Hashable {
    /// The hits, best first.
    public var hits: [SearchHit]

    /// Tokens of the query, special ones counted; 0 when nothing was embedded.
    public var queryTokens: Int

    /// Tokens of the candidates that were ranked again.
    public var rerankTokens: Int

    /// Where the time went.
    public var timings: SearchTimings

    /// Why the answer may be slower or poorer than usual; `nil` when all is well.
    public var degraded: String?

    /// Makes a response.
    public init(
        hits: [SearchHit],
        queryTokens: Int,
        rerankTokens: Int,
        timings: SearchTimings,
        degraded: String?
    ) {
        self.hits = hits
        self.queryTokens = queryTokens
        self.rerankTokens = rerankTokens
        self.timings = timings
        self.degraded = degraded
    }
}

/// Milliseconds that the stages of a search took.
///
/// BM25 runs beside the embedding of the query, so the parts may sum to more than the total.
public struct SearchTimings: Sendable, Hashable {
    /// Tokenising the query, waiting for a batch, and the encoder.
    public var embed: Double
    /// Filter, vector search and BM25.
    public var search: Double
    /// Reading the candidates' token codes and scoring them.
    public var rerank: Double
    /// From request to response.
    public var total: Double

    /// Makes a set of timings in milliseconds.
    public init(embed: Double = 0, search: Double = 0, rerank: Double = 0, total: Double = 0) {
        self.embed = embed
        self.search = search
        self.rerank = rerank
        self.total = total
    }
}
