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

    /// Links of a graph node, `M` in the HNSW paper.
    public var connectivity: Int

    /// Beam width while building, `efConstruction` in the HNSW paper.
    public var expansionConstruction: Int

    /// What stands for a vector while a search is on its way.
    public var quantization: HNSWParameters.Quantization

    /// Where vectors are while the index serves.
    public var vectorPlace: HNSWParameters.VectorPlace

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

    /// Bytes that the collection takes, by part.
    public var bytes: Bytes

    /// Which index answers: `graph`, or `rebuilding` while an exact scan does.
    public var indexState: String

    /// Position of the last write in the collection's log.
    public var position: Int64

    /// Bytes that a collection takes, by part.
    public struct Bytes: Sendable, Hashable {
        /// Text, before compression.
        public var text: Int
        /// Compressed vectors on disk.
        public var vectors: Int
        /// Token codes on disk.
        public var tokenCodes: Int
        /// Vectors and graph in memory.
        public var index: Int
        /// The full-text index in memory.
        public var textIndex: Int

        /// Makes a count of bytes from its parts.
        public init(text: Int, vectors: Int, tokenCodes: Int, index: Int, textIndex: Int) {
            self.text = text
            self.vectors = vectors
            self.tokenCodes = tokenCodes
            self.index = index
            self.textIndex = textIndex
        }
    }
}
