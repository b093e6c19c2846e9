public import VectorStore

/// One passage that a search found.
public struct SearchHit: Sendable, Hashable {
    /// The document it is from.
    public var documentID: String

    /// The chunk's id; never reused.
    public var chunkID: String

    /// The passage, joined with its neighbours when context was asked for.
    public var text: String

    /// Larger is better.
    ///
    /// In mode `dense` the metric's own score (cosine similarity: -1...1); in `lexical` BM25; in
    /// `hybrid` the fused score, scaled so that first in both lists is 1; with rerank
    /// the logistic of the mean standard score over the candidates, so that 0.5 is an average
    /// candidate; with a reranker its score.
    public var score: Float

    /// The document's title.
    public var title: String?

    /// The document's metadata.
    public var metadata: [String: MetadataValue]

    /// Where `text` lies in the document.
    public var source: Source

    /// How the hit was found, when the request asked to explain.
    public var scores: Scores?

    /// Where a passage lies in its document.
    public struct Source: Sendable, Hashable {
        /// What the document says it is from.
        public var name: String?
        /// First UTF-8 byte in the document's text.
        public var start: Int
        /// One past the last UTF-8 byte.
        public var end: Int
    }

    /// The scores of the stages that saw a passage; `nil` where a stage did not.
    public struct Scores: Sendable, Hashable {
        /// The metric's own score.
        public var dense: Float?
        /// BM25.
        public var lexical: Float?
        /// Of hybrid, as in `score`.
        public var fused: Float?
        /// Mean over query tokens of the best similarity to a token of the passage: -1...1; or the
        /// reranker's score.
        public var rerank: Float?
        /// Marginal relevance: λ times the hit's score, scaled to 0...1 over the candidates, less 1 − λ
        /// times the largest cosine similarity to a hit before it.
        public var marginal: Float?
    }
}
