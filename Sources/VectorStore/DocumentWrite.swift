/// A document on its way into a collection.
public struct DocumentWrite: Sendable {
    /// The caller's identifier, unique in the collection: writing it again replaces the document.
    public var id: String
    /// A title, searched beside the text.
    public var title: String?
    /// Where the document came from (a path, an address), given back with every hit.
    public var source: String?
    /// What filters look at.
    public var metadata: [String: MetadataValue]
    /// The whole text; chunks are ranges of it.
    public var text: String
    /// A hash of everything that the chunks depend on, chosen by the caller.
    public var contentHash: [UInt8]
    /// The text's length in the model's tokens.
    public var tokenCount: Int
    /// The chunks in order, or `nil` to keep the stored ones: then the stored content hash has to be
    /// equal to `contentHash`, and only title, source and metadata are written.
    public var chunks: [ChunkWrite]?

    /// Makes a document.
    public init(
        id: String,
        title: String? = nil,
        source: String? = nil,
        metadata: [String: MetadataValue] = [:],
        text: String,
        contentHash: [UInt8],
        tokenCount: Int,
        chunks: [ChunkWrite]?
    ) {
        self.id = id
        self.title = title
        self.source = source
        self.metadata = metadata
        self.text = text
        self.contentHash = contentHash
        self.tokenCount = tokenCount
        self.chunks = chunks
    }
}

/// A part of a document's text with what was computed from it.
public struct ChunkWrite: Sendable {
    /// Where it is, in UTF-8 bytes of the document's text; on character boundaries and not empty.
    public var range: Range<Int>
    /// Its length in the model's tokens.
    public var tokenCount: Int
    /// A 16-byte hash of what was embedded: equal hashes have equal embeddings.
    public var textHash: [UInt8]
    /// The embedding: `dimension` finite components.
    public var vector: [Float]
    /// Sign codes of its tokens, one row a token; empty when the collection keeps none.
    public var tokenCodes: [UInt8]

    /// Makes a chunk.
    public init(
        range: Range<Int>,
        tokenCount: Int,
        textHash: [UInt8],
        vector: [Float],
        tokenCodes: [UInt8] = []
    ) {
        self.range = range
        self.tokenCount = tokenCount
        self.textHash = textHash
        self.vector = vector
        self.tokenCodes = tokenCodes
    }
}

/// What became of one document of a write.
public enum WriteOutcome: String, Sendable, Hashable {
    /// The identifier was new.
    case created
    /// The document replaced an earlier one of the same identifier.
    case updated
}
