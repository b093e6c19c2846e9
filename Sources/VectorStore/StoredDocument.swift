public import Foundation

/// A document as it is stored, whole.
public struct StoredDocument: Sendable {
    /// What is known of it without its text.
    public var summary: DocumentSummary
    /// The whole text.
    public var text: String
    /// Its chunks in order.
    public var chunks: [StoredChunk]
}

/// A document without its text.
public struct DocumentSummary: Sendable, Hashable {
    /// The caller's identifier.
    public var id: String
    /// Its title.
    public var title: String?
    /// Where it came from.
    public var source: String?
    /// What filters look at.
    public var metadata: [String: MetadataValue]
    /// The hash that the caller gave with it.
    public var contentHash: [UInt8]
    /// The text's length in UTF-8 bytes.
    public var byteCount: Int
    /// The text's length in the model's tokens.
    public var tokenCount: Int
    /// How many chunks it has.
    public var chunkCount: Int
    /// When the identifier was first written.
    public var createdAt: Date
    /// When it was last written.
    public var updatedAt: Date
}

/// One page of a collection's documents, in the order of their identifiers' UTF-8 bytes.
public struct DocumentPage: Sendable {
    /// The documents.
    public var documents: [DocumentSummary]
    /// What to pass for the next page; `nil` on the last.
    public var nextCursor: String?
}

/// What is stored under an identifier, for telling whether a write would change anything.
public struct StoredHash: Sendable, Hashable {
    /// The hash that the caller gave with the document.
    public var contentHash: [UInt8]
    /// Its title.
    public var title: String?
    /// Where it came from.
    public var source: String?
    /// What filters look at.
    public var metadata: [String: MetadataValue]
    /// How many chunks it has.
    public var chunkCount: Int
    /// The text's length in the model's tokens.
    public var tokenCount: Int
}

/// An embedding that was stored with some chunk and can be used for another with the same text.
public struct StoredEmbedding: Sendable, Hashable {
    /// The vector as it was written.
    public var vector: [Float]
    /// The sign codes of its tokens; empty when the collection keeps none.
    public var tokenCodes: [UInt8]
}

/// A chunk with its place in its document.
public struct StoredChunk: Sendable, Hashable {
    /// The chunk's key, never used again.
    public var key: ChunkKey
    /// The document's identifier.
    public var documentID: String
    /// The chunk's number in its document, from 0.
    public var ordinal: Int
    /// The chunk's text, with its neighbours' when they were asked for.
    public var text: String
    /// Where `text` is in the document's text, in UTF-8 bytes.
    public var range: Range<Int>
    /// The chunk's own length in the model's tokens.
    public var tokenCount: Int
    /// The document's title.
    public var title: String?
    /// Where the document came from.
    public var source: String?
    /// The document's metadata.
    public var metadata: [String: MetadataValue]
}
