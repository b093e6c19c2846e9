/// Passages of the caller's own, to be ranked for a query.
public struct RerankRequest: Sendable, Hashable {
    /// The encoder whose token vectors are compared; `nil` is the default model.
    public var model: String?

    /// The question.
    public var query: String

    /// The passages.
    ///
    /// One that is longer than the model's window is read in several windows.
    public var documents: [String]

    /// Results wanted; `nil` is all.
    public var topN: Int?

    /// Whether results repeat the passages' text.
    public var returnDocuments: Bool

    /// Makes a request.
    public init(
        model: String? = nil,
        query: String,
        documents: [String],
        topN: Int? = nil,
        returnDocuments: Bool = false
    ) {
        self.model = model
        self.query = query
        self.documents = documents
        self.topN = topN
        self.returnDocuments = returnDocuments
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
        /// Comparable within one model.
        public var score: Float
        /// The passage, when it was asked for.
        public var text: String?
    }

    /// The model that ranked.
    public var model: String

    /// The passages, best first; equal scores in the order of the request.
    public var results: [Result]

    /// Tokens of the query and of the passages, special ones counted.
    public var tokens: Int
}
