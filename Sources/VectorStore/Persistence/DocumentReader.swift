import Foundation
import GRDB

/// Reads documents of one collection, in one snapshot.
struct DocumentReader {
    private let db: Database
    private let collection: Int64

    private static let columns = """
        d.key, d.id, d.title, d.source, d.metadata, d.content_hash, d.byte_count, d.token_count,
        d.chunk_count, d.created_at, d.updated_at
        """

    init(_ db: Database, collection: Int64) {
        self.db = db
        self.collection = collection
    }

    func hash(id: String) throws -> StoredHash? {
        try find(id).map { _, summary in
            StoredHash(
                contentHash: summary.contentHash,
                title: summary.title,
                source: summary.source,
                metadata: summary.metadata,
                chunkCount: summary.chunkCount,
                tokenCount: summary.tokenCount
            )
        }
    }

    func document(id: String) throws -> StoredDocument? {
        guard let (key, summary) = try find(id) else { return nil }
        guard summary.byteCount <= PreparedDocument.Limits.textByteCount else {
            throw VectorStoreError.corrupted("document \(key) says \(summary.byteCount) bytes")
        }
        let text = try DocumentText.read(db, document: key, byteCount: summary.byteCount)
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT key, ordinal, start_byte, end_byte, token_count FROM chunks
                    WHERE document_key = ? ORDER BY ordinal
                    """
            ),
            arguments: [key]
        )
        let chunks = try rows.map { row in
            let start = try row.count(2, "chunks.start_byte")
            let end = try row.count(3, "chunks.end_byte")
            guard start <= end, end <= text.count else {
                throw VectorStoreError.corrupted("a chunk of document \(key) ends outside its text")
            }
            return StoredChunk(
                key: try row.integer(0, "chunks.key"),
                documentID: summary.id,
                ordinal: try row.count(1, "chunks.ordinal"),
                text: try DocumentText.string(text[start..<end], document: key),
                range: start..<end,
                tokenCount: try row.count(4, "chunks.token_count"),
                title: summary.title,
                source: summary.source,
                metadata: summary.metadata
            )
        }
        return StoredDocument(
            summary: summary,
            text: try DocumentText.string(text[...], document: key),
            chunks: chunks
        )
    }

    /// The documents behind `cursor` in the order of identifiers, one more than `limit` when there
    /// are more.
    func page(after cursor: String?, limit: Int, filter: Filter?) throws -> DocumentPage {
        let condition = filter?.condition(collection: collection)
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT \(Self.columns) FROM documents d
                WHERE d.collection_id = ? AND d.id > ? \(condition.map { "AND \($0.sql)" } ?? "")
                ORDER BY d.id LIMIT ?
                """,
            arguments: [collection, cursor ?? ""] + (condition?.arguments ?? []) + [limit + 1]
        )
        let documents = try rows.prefix(limit).map(Self.summary)
        return DocumentPage(
            documents: documents,
            nextCursor: rows.count > limit ? documents.last?.id : nil
        )
    }

    /// The identifiers of at most `limit` documents that `filter` selects.
    func ids(matching filter: Filter, limit: Int) throws -> [String] {
        let condition = filter.condition(collection: collection)
        let rows = try Row.fetchAll(
            db,
            sql:
                "SELECT d.id FROM documents d WHERE d.collection_id = ? AND \(condition.sql) LIMIT ?",
            arguments: [collection] + condition.arguments + [limit]
        )
        return try rows.map { try $0.text(0, "documents.id") }
    }

    /// The chunks of the documents that `filter` selects.
    func selection(_ filter: Filter) throws -> Selection {
        let condition = filter.condition(collection: collection)
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT c.key FROM documents d CROSS JOIN chunks c ON c.document_key = d.key
                WHERE d.collection_id = ? AND \(condition.sql)
                """,
            arguments: [collection] + condition.arguments
        )
        var keys: [ChunkKey] = []
        while let row = try rows.next() {
            keys.append(try row.integer(0, "chunks.key"))
        }
        keys.sort()
        return Selection(ascending: keys)
    }

    private func find(_ id: String) throws -> (key: Int64, summary: DocumentSummary)? {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT \(Self.columns) FROM documents d WHERE d.collection_id = ? AND d.id = ?
                    """
            ),
            arguments: [collection, id]
        )
        return try row.map { (try $0.integer(0, "documents.key"), try Self.summary($0)) }
    }

    private static func summary(_ row: Row) throws(VectorStoreError) -> DocumentSummary {
        DocumentSummary(
            id: try row.text(1, "documents.id"),
            title: try row.optionalText(2, "documents.title"),
            source: try row.optionalText(3, "documents.source"),
            metadata: try MetadataJSON.decode(
                try row.text(4, "documents.metadata"),
                "the metadata of a document"
            ),
            contentHash: Array(try row.blob(5, "documents.content_hash")),
            byteCount: try row.count(6, "documents.byte_count"),
            tokenCount: try row.count(7, "documents.token_count"),
            chunkCount: try row.count(8, "documents.chunk_count"),
            createdAt: try row.date(9, "documents.created_at"),
            updatedAt: try row.date(10, "documents.updated_at")
        )
    }
}
