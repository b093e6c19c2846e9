/// Passages of the caller's own, to be ranked for a query.
public struct RerankRequest: Sendable, Hashable {
    /// The reranker, or the encoder whose token vectors are compared; `nil` is the default model.
    public var model: String?

    /// The question.
    public var query: String

    /// The passages.
    ///
    /// One that is longer than an encoder's window is read in several windows; a reranker reads its
    /// beginning.
    public var documents: [String]

    /// Results wanted; `nil` is all.
    public var topN: Int?

    /// Whether results repeat the passages' text.
    public var returnDocuments: Bool

    /// What the reranker is told of its task; `nil` is the model's own default.
    public var instruction: String?

    /// Tokens of each passage that are read at most, its own only; `nil` is what the model reads.
    public var documentTokensMax: Int?

    /// Makes a request.
    public init(
        model: String? = nil,
        query: String,
        documents: [String],
        topN: Int? = nil,
        returnDocuments: Bool = false,
        instruction: String? = nil,
        documentTokensMax: Int? = nil
    ) {
        self.model = model
        self.query = query
        self.documents = documents
        self.topN = topN
        self.returnDocuments = returnDocuments
        self.instruction = instruction
        self.documentTokensMax = documentTokensMax
    }
}

/// The caller's passages, best first.
public struct RerankResponse: Sendable, Hashable {
    /// One ranked passage.
    public struct Result: Sendable, Hashable {
        /// Its place in the request.
        public var index: Int
        /// Relevance in 0...1; larger is better.
        ///
        /// Comparable within one model. Any number for a cross-encoder whose files ask for no sigmoid.
        public var score: Float
        /// Whether the model read only the beginning of the passage.
        public var isTruncated = false
        /// The passage, when it was asked for.
        public var text: String?
    }

    /// The model that ranked.
    public var model: String

    /// The passages, best first; equal scores in the order of the request.
    public var results: [Result]

    /// Tokens of the query and of the passages, special ones counted; what a language model reads with
    /// every passage counts once.
    public var tokens: Int
}
