public import VectorStore

/// A collection as it was made, and what is in it.
public struct CollectionInfo: Sendable, Hashable {
    /// Its name.
    public var name: String

    /// The model that embeds its documents and the queries to it.
    public var model: String

    /// Dimensions of a stored vector.
    public var dimensions: Int

    /// How vectors are compared.
    public var metric: Metric

    /// Most text tokens of a chunk.
    public var chunkTokensMax: Int

    /// Tokens that a chunk shares with the one before it.
    public var chunkOverlapTokens: Int

    /// What shapes the graph.
    public var index: HNSWParameters

    /// What the graph is being made anew with; nil when it is not.
    public var pendingIndex: HNSWParameters?

    /// How much of that is complete, 0 to 1.
    public var reindexProgress: Double?

    /// Whether the signs of token vectors are kept for reranking.
    public var lateInteraction: CollectionSpec.LateInteraction

    /// What stands before a query when it is embedded; nil is the model's own.
    public var queryPrompt: String?

    /// What stands before a passage when it is embedded; nil is the model's own.
    public var documentPrompt: String?

    /// The language whose rules of stemming words follow.
    public var language: TextLanguage

    /// Documents stored.
    public var documents: Int

    /// Chunks stored; each has one vector.
    public var chunks: Int

    /// Bytes that the collection takes on disk, by part.
    public var bytes: Bytes

    /// Bytes that the collection takes in memory, by part.
    public var memory: Memory

    /// Which index answers: `graph`, or `rebuilding` while an exact scan does.
    public var indexState: String

    /// Position of the last write in the collection's log.
    public var position: Int64

    /// Bytes that a collection takes on disk, by part.
    public struct Bytes: Sendable, Hashable {
        /// Text, before compression.
        public var text: Int
        /// Compressed vectors.
        public var vectors: Int
        /// Token codes.
        public var tokenCodes: Int

        /// Makes a count of bytes from its parts.
        public init(text: Int, vectors: Int, tokenCodes: Int) {
            self.text = text
            self.vectors = vectors
            self.tokenCodes = tokenCodes
        }
    }

    /// Bytes that a collection takes in memory, by part.
    public struct Memory: Sendable, Hashable {
        /// The vector index.
        public var index: IndexByteCounts
        /// The full-text index.
        public var words: Int
        /// Metadata, of the keys that were filtered on.
        public var metadata: Int

        /// All of it.
        public var total: Int { index.total + words + metadata }

        /// Makes a count of bytes from its parts.
        public init(index: IndexByteCounts, words: Int, metadata: Int) {
            self.index = index
            self.words = words
            self.metadata = metadata
        }
    }
}
