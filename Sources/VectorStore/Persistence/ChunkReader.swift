import Foundation
import GRDB

/// A chunk's text cannot be read, and everything else about it can.
struct DamagedText: Error {
    /// The document's key.
    var document: Int64
    var reason: VectorStoreError
}

/// Reads chunks with their documents' fields and text, in one snapshot.
struct ChunkReader {
    private let db: Database
    private let collection: Int64
    /// Documents' fields, read once for all their chunks.
    private var documents: [Int64: DocumentFields] = [:]

    private struct DocumentFields {
        var id: String
        var title: String?
        var source: String?
        var metadata: [String: MetadataValue]
        var byteCount: Int
    }

    private struct Place {
        var document: Int64
        var ordinal: Int
        var range: Range<Int>
        var tokenCount: Int
    }

    init(_ db: Database, collection: Int64) {
        self.db = db
        self.collection = collection
    }

    /// The chunk with `context` neighbours on each side joined to its text, or `nil` when it is gone.
    mutating func chunk(_ key: ChunkKey, context: Int) throws -> StoredChunk? {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT document_key, ordinal, start_byte, end_byte, token_count FROM chunks
                    WHERE key = ? AND collection_id = ?
                    """
            ),
            arguments: [key, collection]
        )
        guard let row else { return nil }
        let place = try Self.place(row)
        let document = try fields(of: place.document)
        let range = context > 0 ? try widened(place, by: context) : place.range
        guard range.upperBound <= document.byteCount else {
            throw VectorStoreError.corrupted("chunk \(key) ends outside its document's text")
        }
        let text: String
        do {
            text = try DocumentText.readString(db, document: place.document, range: range)
        } catch let error as VectorStoreError where error.code == .corrupted {
            throw DamagedText(document: place.document, reason: error)
        }
        return StoredChunk(
            key: key,
            documentID: document.id,
            ordinal: place.ordinal,
            text: text,
            range: range,
            tokenCount: place.tokenCount,
            title: document.title,
            source: document.source,
            metadata: document.metadata
        )
    }

    /// From the start of the first to the end of the last of a chunk's neighbours.
    private func widened(_ place: Place, by context: Int) throws -> Range<Int> {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT min(start_byte), max(end_byte) FROM chunks
                    WHERE document_key = ? AND ordinal BETWEEN ? AND ?
                    """
            ),
            arguments: [
                place.document, max(0, place.ordinal - context), place.ordinal + context,
            ]
        )
        guard let row else { return place.range }
        return try Self.range(row, from: 0)
    }

    private mutating func fields(of document: Int64) throws -> DocumentFields {
        if let known = documents[document] { return known }
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT id, title, source, metadata, byte_count FROM documents WHERE key = ?"
            ),
            arguments: [document]
        )
        guard let row else { throw VectorStoreError.corrupted("document \(document) is missing") }
        let fields = DocumentFields(
            id: try row.text(0, "documents.id"),
            title: try row.optionalText(1, "documents.title"),
            source: try row.optionalText(2, "documents.source"),
            metadata: try MetadataJSON.decode(
                try row.text(3, "documents.metadata"),
                "the metadata of document \(document)"
            ),
            byteCount: try row.count(4, "documents.byte_count")
        )
        documents[document] = fields
        return fields
    }

    private static func place(_ row: Row) throws(VectorStoreError) -> Place {
        Place(
            document: try row.integer(0, "chunks.document_key"),
            ordinal: try row.count(1, "chunks.ordinal"),
            range: try range(row, from: 2),
            tokenCount: try row.count(4, "chunks.token_count")
        )
    }

    private static func range(_ row: Row, from index: Int) throws(VectorStoreError) -> Range<Int> {
        let start = try row.count(index, "chunks.start_byte")
        let end = try row.count(index + 1, "chunks.end_byte")
        // A text is far shorter; the cap keeps a damaged row from asking for memory.
        guard start <= end, end <= PreparedDocument.Limits.textByteCount else {
            throw .corrupted("a chunk has the byte range \(start)..<\(end)")
        }
        return start..<end
    }
}
