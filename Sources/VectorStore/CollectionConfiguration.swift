/// What a collection is made of.
///
/// Fixed when it is created, but for the index, which can be made anew (`Collection.reindex`): another
/// configuration is another collection.
public struct CollectionConfiguration: Sendable, Hashable, Codable {
    /// The collection's name, unique in the store.
    public var name: String
    /// The embedding model whose vectors it holds.
    public var model: String
    /// How many components a vector has.
    public var dimension: Int
    /// How vectors are compared.
    public var metric: Metric
    /// How documents are cut.
    public var chunking: Chunking
    /// The graph's parameters.
    public var index: HNSWParameters
    /// What the graph is being made anew with; `nil` when it is not.
    public internal(set) var pendingIndex: HNSWParameters?
    /// Which token vectors are kept for reranking.
    public var lateInteraction: LateInteraction
    /// What stands before a query when it is embedded: kept for the caller; nil is the model's own.
    public var queryPrompt: String?
    /// What stands before a passage when it is embedded: kept for the caller; nil is the model's own.
    public var documentPrompt: String?
    /// The model's own document prompt when the collection was made, kept for the caller so that a change
    /// of it is noticed; nil where `documentPrompt` is given, and in collections that are older than this.
    public var modelDocumentPrompt: String?
    /// The language whose rules of stemming its words follow; nil is `porter`, which every collection
    /// had before there was a choice.
    public var language: TextLanguage?

    /// How documents are cut into chunks: kept for the caller, the store does not cut.
    public struct Chunking: Sendable, Hashable, Codable {
        /// The longest chunk, in the model's tokens.
        public var maxTokens: Int
        /// How many tokens two neighbouring chunks share.
        public var overlapTokens: Int

        /// Makes a chunking from its two lengths.
        public init(maxTokens: Int, overlapTokens: Int) {
            self.maxTokens = maxTokens
            self.overlapTokens = overlapTokens
        }
    }

    /// Which token vectors are kept for reranking.
    public enum LateInteraction: String, Sendable, Hashable, Codable {
        /// The sign of every component of every token vector: one bit a dimension.
        case signCodes
        /// None: reranking by late interaction is not available.
        case none
    }

    /// The language whose rules of stemming its words follow.
    public var textLanguage: TextLanguage { language ?? .porter }

    /// Makes a configuration; `validate()` says whether it can be used.
    public init(
        name: String,
        model: String,
        dimension: Int,
        metric: Metric = .cosine,
        chunking: Chunking,
        index: HNSWParameters = .standard,
        lateInteraction: LateInteraction = .signCodes,
        queryPrompt: String? = nil,
        documentPrompt: String? = nil,
        modelDocumentPrompt: String? = nil,
        language: TextLanguage? = nil
    ) {
        self.name = name
        self.model = model
        self.dimension = dimension
        self.metric = metric
        self.chunking = chunking
        self.index = index
        self.lateInteraction = lateInteraction
        self.queryPrompt = queryPrompt
        self.documentPrompt = documentPrompt
        self.modelDocumentPrompt = modelDocumentPrompt
        self.language = language
    }
}
