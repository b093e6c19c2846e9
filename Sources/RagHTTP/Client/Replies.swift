public import VectorStore

/// A collection, as the daemon describes it.
public struct CollectionReply: Codable, Sendable {
    /// Its name.
    public var name: String
    /// Its embedding model.
    public var model: String
    /// Dimensions of its vectors.
    public var dimensions: Int
    /// Documents in it.
    public var documents: Int
    /// Chunks in it.
    public var chunks: Int
    /// Its index.
    public var index: Index

    /// An index, as far as a command shows it.
    public struct Index: Codable, Sendable {
        /// Links of a node.
        public var m: Int
        /// Beam width while building.
        public var efConstruction: Int
        /// What a search measures on its way.
        public var quantization: String
        /// Where vectors are.
        public var vectors: String
        /// What is being made in its place.
        public var reindex: Reindex?

        enum CodingKeys: String, CodingKey {
            case m, quantization, vectors, reindex
            case efConstruction = "ef_construction"
        }
    }

    /// An index that is being made, as far as a command shows it.
    public struct Reindex: Codable, Sendable {
        /// How much of it is complete, 0 to 1.
        public var progress: Double
    }
}

/// What became of one document.
public struct OutcomeReply: Codable, Sendable {
    /// Its id.
    public var id: String
    /// Its chunks.
    public var chunks: Int
    /// Its tokens.
    public var tokens: Int
    /// `created`, `updated`, `unchanged` or `failed`.
    public var status: String
    /// Why it failed.
    public var error: Failure?

    /// Why a document failed.
    public struct Failure: Codable, Sendable {
        /// For people.
        public var message: String
        /// A stable word for the reason.
        public var code: String?
    }
}

/// A stored document; `text` and `chunks` only where one document was asked for.
public struct DocumentReply: Codable, Sendable {
    /// Its id.
    public var id: String
    /// Its title.
    public var title: String?
    /// Where it is from.
    public var source: String?
    /// Its metadata.
    public var metadata: [String: MetadataValue]
    /// UTF-8 bytes of its text.
    public var bytes: Int
    /// Its text.
    public var text: String?
    /// Its chunks.
    public var chunks: [Chunk]?

    /// Where one chunk lies in the text.
    public struct Chunk: Codable, Sendable {
        /// Its id.
        public var id: String
        /// First UTF-8 byte in the text.
        public var start: Int
        /// One past the last UTF-8 byte.
        public var end: Int
    }
}

/// One page of documents.
public struct DocumentListReply: Codable, Sendable {
    /// The page.
    public var documents: [DocumentReply]
    /// What to pass for the next page, nil on the last.
    public var nextCursor: String?

    private enum CodingKeys: String, CodingKey {
        case documents
        case nextCursor = "next_cursor"
    }
}

/// What a search found.
public struct SearchReply: Codable, Sendable {
    /// The hits, best first.
    public var hits: [HitReply]
    /// Where the time went, when asked to explain.
    public var timing: Timing?
    /// Why the answer may be poorer than usual.
    public var degraded: String?

    /// Milliseconds by stage.
    public struct Timing: Codable, Sendable {
        /// The query's embedding.
        public var embed: Double
        /// Vector search and BM25.
        public var search: Double
        /// The second ranking.
        public var rerank: Double
        /// All of it.
        public var total: Double
    }

    private enum CodingKeys: String, CodingKey {
        case hits
        case timing = "timing_ms"
        case degraded
    }
}

/// One passage that a search found.
public struct HitReply: Codable, Sendable {
    /// The document it is from.
    public var documentID: String
    /// The chunk.
    public var chunkID: String
    /// The passage.
    public var text: String
    /// Larger is better.
    public var score: Float
    /// The document's title.
    public var title: String?
    /// The document's metadata.
    public var metadata: [String: MetadataValue]
    /// Where the passage lies in the document.
    public var source: Source
    /// The scores of the stages.
    public var scores: Scores?

    /// Where a passage lies in its document.
    public struct Source: Codable, Sendable {
        /// What the document says it is from.
        public var name: String?
        /// First UTF-8 byte in the document's text.
        public var start: Int
        /// One past the last UTF-8 byte.
        public var end: Int
    }

    /// The scores of the stages that saw a passage.
    public struct Scores: Codable, Sendable {
        /// The metric's own score.
        public var dense: Float?
        /// BM25.
        public var lexical: Float?
        /// Of hybrid.
        public var fused: Float?
        /// Late interaction.
        public var rerank: Float?
        /// Marginal relevance.
        public var mmr: Float?
    }

    private enum CodingKeys: String, CodingKey {
        case documentID = "document_id"
        case chunkID = "chunk_id"
        case text
        case score
        case title
        case metadata
        case source
        case scores
    }
}

/// The caller's passages, best first.
public struct RerankReply: Codable, Sendable {
    /// The passages, best first.
    public var results: [Result]

    /// One ranked passage.
    public struct Result: Codable, Sendable {
        /// Its place in the request.
        public var index: Int
        /// Larger is better.
        public var score: Float
        /// Whether the model read only the beginning of the passage; nil when it read all.
        public var truncated: Bool?

        private enum CodingKeys: String, CodingKey {
            case index
            case score = "relevance_score"
            case truncated
        }
    }
}

/// The vectors of texts.
public struct EmbeddingsReply: Codable, Sendable {
    /// One entry a text, in the order of the request.
    public var data: [Embedding]
    /// The model that made them.
    public var model: String

    /// One vector.
    public struct Embedding: Codable, Sendable {
        /// The text's place in the request.
        public var index: Int
        /// Its vector.
        public var embedding: [Float]
    }
}

/// A model that the daemon has.
public struct ModelReply: Codable, Sendable {
    /// Its name.
    public var id: String
    /// Dimensions of its vectors, where it is loaded.
    public var dimensions: Int?
}

struct CollectionListReply: Decodable {
    let collections: [CollectionReply]
}

struct OutcomeListReply: Decodable {
    let documents: [OutcomeReply]
}

struct DeletedReply: Decodable {
    let deleted: Int
}

struct DataList<Element: Decodable>: Decodable {
    let data: [Element]
}
