/// A model that requests can name.
public struct ModelInfo: Sendable, Hashable {
    /// What a model is for.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Turns texts into vectors; its token vectors rerank, too.
        case embedding
        /// Scores how well a passage answers a query.
        case reranker
    }

    /// Its id.
    public var name: String

    /// Further names that requests may use.
    public var aliases: [String] = []

    /// What it is for.
    public var kind: Kind

    /// Whether its weights are in memory, or all that it takes to ask its server; the rest is known of
    /// loaded models only.
    public var isLoaded: Bool

    /// Whether another server computes it.
    public var isRemote: Bool = false

    /// Whether that server answered the last request to it; nil before the first.
    public var isReachable: Bool?

    /// Dimensions of its vectors.
    public var dimensions: Int?

    /// Most tokens of one text, special ones counted.
    public var tokensMax: Int?

    /// Parameters.
    public var parameterCount: Int?

    /// Bytes of its weights in memory.
    public var byteCount: Int?

    /// Precision of its weights and arithmetic.
    public var precision: String?
}
