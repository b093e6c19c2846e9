public import VectorStore

/// One question to a collection.
public struct SearchRequest: Sendable, Hashable {
    /// Which indexes answer.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        /// Vectors and words, fused.
        case hybrid
        /// Vectors only.
        case dense
        /// Words only (BM25).
        case lexical
    }

    /// How hybrid makes one ranking of two.
    public struct FusionSettings: Sendable, Hashable {
        /// What is added up.
        public enum Method: String, Sendable, Hashable, CaseIterable {
            /// Reciprocal ranks: 1 / (k + rank).
            case rrf
            /// Scores, each search's scaled to 0...1 over what it found.
            case weighted
        }

        /// What is added up.
        public var method: Method

        /// The constant of reciprocal ranks, `k`; `nil` is 60.
        public var rankConstant: Int?

        /// What the ranking by vectors counts, 0 for nothing.
        public var denseWeight: Float

        /// What the ranking by words counts, 0 for nothing.
        public var lexicalWeight: Float

        /// Makes settings; whatever is not given has its default.
        public init(
            method: Method = .rrf,
            rankConstant: Int? = nil,
            denseWeight: Float = 1,
            lexicalWeight: Float = 1
        ) {
            self.method = method
            self.rankConstant = rankConstant
            self.denseWeight = denseWeight
            self.lexicalWeight = lexicalWeight
        }
    }

    /// How hits are kept from saying the same: maximal marginal relevance.
    public struct Diversity: Sendable, Hashable {
        /// What relevance counts beside being unlike the hits before, 0...1: 1 changes nothing (`λ`).
        public var lambda: Float

        /// Hits of the ranking that are chosen from; `nil` is four times the page, at least 100.
        public var candidates: Int?

        /// Makes settings; whatever is not given has its default.
        public init(lambda: Float = 0.5, candidates: Int? = nil) {
            self.lambda = lambda
            self.candidates = candidates
        }
    }

    /// How candidates are ranked again.
    public struct Rerank: Sendable, Hashable {
        /// Hits of the first ranking that are ranked again.
        public var candidates: Int

        /// The reranker; `nil`, or the collection's own model, is late interaction with that.
        public var model: String?

        /// What the reranker is told of its task; `nil` is the model's own default.
        public var instruction: String?

        /// Makes a rerank request.
        public init(candidates: Int = 100, model: String? = nil, instruction: String? = nil) {
            self.candidates = candidates
            self.model = model
            self.instruction = instruction
        }
    }

    /// The question.
    ///
    /// Needed by every mode but `dense`, and by rerank.
    public var query: String?

    /// The collection's model, for callers that say it, by any of its names.
    public var model: String?

    /// What stands before the query when it is embedded; nil is the collection's, then the model's.
    public var queryPrompt: String?

    /// The task that the query stands for, as instruction-tuned models are told it.
    ///
    /// It makes a query prompt in Qwen3's form, and is not given with `queryPrompt`.
    public var instruction: String?

    /// A vector to search with in place of the query's own.
    public var vector: [Float]?

    /// Hits wanted, at least 1.
    public var limit: Int

    /// Hits to leave out before the first.
    public var offset: Int

    /// Which indexes answer; `nil` is hybrid when there is a query and dense when there is only a
    /// vector.
    public var mode: Mode?

    /// What a document's metadata must satisfy.
    public var filter: Filter?

    /// Rank the best candidates again; `nil` does not.
    public var rerank: Rerank?

    /// How hybrid fuses its two rankings; `nil` is by reciprocal ranks of equal weight.
    public var fusion: FusionSettings?

    /// Keep hits from saying the same; `nil` ranks each for itself.
    public var diversity: Diversity?

    /// At most one hit, the best, of each document.
    public var groupByDocument: Bool

    /// Neighbouring chunks joined to each side of a hit's text.
    public var context: Int

    /// Leave out hits that score less.
    ///
    /// Scores of different modes are not comparable: see `SearchHit.score`.
    public var minScore: Float?

    /// Beam width of the graph search (`ef` in the HNSW paper).
    public var ef: Int?

    /// Scan all vectors in place of the graph: exact, and slow in a large collection.
    public var exact: Bool

    /// Dimensions of the stored vectors, for callers that say it: it must equal the collection's.
    public var dimensions: Int?

    /// Say how each hit was found.
    public var explain: Bool

    /// Makes a request; whatever is not given has its default.
    public init(
        query: String? = nil,
        vector: [Float]? = nil,
        limit: Int = 10,
        offset: Int = 0,
        mode: Mode? = nil,
        filter: Filter? = nil,
        rerank: Rerank? = nil,
        groupByDocument: Bool = false,
        context: Int = 0,
        minScore: Float? = nil,
        ef: Int? = nil,
        exact: Bool = false,
        dimensions: Int? = nil,
        explain: Bool = false,
        model: String? = nil,
        queryPrompt: String? = nil,
        instruction: String? = nil,
        fusion: FusionSettings? = nil,
        diversity: Diversity? = nil
    ) {
        self.query = query
        self.vector = vector
        self.limit = limit
        self.offset = offset
        self.mode = mode
        self.filter = filter
        self.rerank = rerank
        self.groupByDocument = groupByDocument
        self.context = context
        self.minScore = minScore
        self.ef = ef
        self.exact = exact
        self.dimensions = dimensions
        self.explain = explain
        self.model = model
        self.queryPrompt = queryPrompt
        self.instruction = instruction
        self.fusion = fusion
        self.diversity = diversity
    }
}
