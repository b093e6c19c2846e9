public import VectorStore

/// What a caller asks of a new collection.
///
/// Whatever is `nil` takes its default when the collection is made, and stays as it was made.
public struct CollectionSpec: Sendable, Hashable {
    /// How documents are cut.
    public struct Chunking: Sendable, Hashable {
        /// Most text tokens of a chunk; the default is what the model's window leaves.
        public var tokensMax: Int?

        /// Tokens that a chunk shares with the one before it; the default is an eighth of a chunk.
        public var overlapTokens: Int?

        /// Makes a chunking request; `nil` takes the default.
        public init(tokensMax: Int? = nil, overlapTokens: Int? = nil) {
            self.tokensMax = tokensMax
            self.overlapTokens = overlapTokens
        }
    }

    /// How the graph index is built.
    public struct Index: Sendable, Hashable {
        /// Links a node has on the upper layers, `M` in the HNSW paper.
        public var connectivity: Int?

        /// Beam width while building, `efConstruction` in the HNSW paper.
        public var expansionConstruction: Int?

        /// What stands for a vector while a search is on its way.
        public var quantization: HNSWParameters.Quantization?

        /// Where vectors are while the index serves.
        public var vectors: HNSWParameters.VectorPlace?

        /// Makes an index request; `nil` takes the default.
        public init(
            connectivity: Int? = nil,
            expansionConstruction: Int? = nil,
            quantization: HNSWParameters.Quantization? = nil,
            vectors: HNSWParameters.VectorPlace? = nil
        ) {
            self.connectivity = connectivity
            self.expansionConstruction = expansionConstruction
            self.quantization = quantization
            self.vectors = vectors
        }
    }

    /// Whether the signs of token vectors are kept for reranking.
    public enum LateInteraction: String, Sendable, Hashable, CaseIterable {
        /// One bit a dimension for each token: 48 bytes a token at 384 dimensions.
        case signCodes = "sign_codes"
        /// Nothing is kept; searches in the collection cannot be reranked.
        case none
    }

    /// Letters, digits, `-`, `_` and `.`, the first a letter or digit.
    public var name: String

    /// The embedding model; the default is the service's default model.
    public var model: String?

    /// Dimensions kept of each vector (Matryoshka), 1 to the model's own, of Qwen3 32 at least; the
    /// default is all.
    public var dimensions: Int?

    /// How vectors are compared; the default is cosine.
    public var metric: Metric?

    /// How documents are cut.
    public var chunking: Chunking?

    /// How the graph index is built.
    public var index: Index?

    /// Whether the signs of token vectors are kept for reranking; the default is that they are, unless
    /// another server computes the model, which gives none.
    public var lateInteraction: LateInteraction?

    /// What stands before a query when it is embedded; the default is the model's own.
    public var queryPrompt: String?

    /// What stands before a passage when it is embedded; the default is the model's own.
    public var documentPrompt: String?

    /// The task that queries stand for, as instruction-tuned models are told it.
    ///
    /// It makes a query prompt in Qwen3's form, and is not given with `queryPrompt`.
    public var instruction: String?

    /// The language whose rules of stemming words follow; the default is English.
    public var language: TextLanguage?

    /// Makes a request for a collection; whatever is not given takes its default.
    public init(
        name: String,
        model: String? = nil,
        dimensions: Int? = nil,
        metric: Metric? = nil,
        chunking: Chunking? = nil,
        index: Index? = nil,
        lateInteraction: LateInteraction? = nil,
        queryPrompt: String? = nil,
        documentPrompt: String? = nil,
        instruction: String? = nil,
        language: TextLanguage? = nil
    ) {
        self.name = name
        self.model = model
        self.dimensions = dimensions
        self.metric = metric
        self.chunking = chunking
        self.index = index
        self.lateInteraction = lateInteraction
        self.queryPrompt = queryPrompt
        self.documentPrompt = documentPrompt
        self.instruction = instruction
        self.language = language
    }
}
