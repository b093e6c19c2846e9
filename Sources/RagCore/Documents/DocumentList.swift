public import Foundation
public import VectorStore

/// One page of a collection's documents, in the order of their ids' UTF-8 bytes.
public struct DocumentList: Sendable, Hashable {
    /// The page's documents, without their text.
    public var documents: [DocumentInfo]

    /// What to pass as `cursor` for the next page; `nil` on the last.
    public var nextCursor: String?

    /// Makes a page.
    public init(documents: [DocumentInfo], nextCursor: String?) {
        self.documents = documents
        self.nextCursor = nextCursor
    }
}

/// A stored document without its text.
public struct DocumentInfo: Sendable, Hashable {
    /// The document's id.
    public var id: String
    /// Its title.
    public var title: String?
    /// Where it is from.
    public var source: String?
    /// Its metadata.
    public var metadata: [String: MetadataValue]
    /// UTF-8 bytes of its text.
    public var byteCount: Int
    /// Tokens of its chunks.
    public var tokens: Int
    /// Its chunks.
    public var chunks: Int
    /// When it was first stored.
    public var createdAt: Date
    /// When it last changed.
    public var updatedAt: Date
}

/// A stored document with its text and chunks.
public struct DocumentDetail: Sendable, Hashable {
    /// The document without its text.
    public var info: DocumentInfo

    /// Its whole text, as it was handed in.
    public var text: String

    /// Its chunks, in the order of the text.
    public var chunks: [Chunk]

    /// Where one chunk lies in the text.
    public struct Chunk: Sendable, Hashable {
        /// The id by which search hits name the chunk.
        public var id: String
        /// UTF-8 bytes of the text.
        public var range: Range<Int>
        /// Its tokens.
        public var tokens: Int
    }
}
