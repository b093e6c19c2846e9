import GRDB

/// The texts of all chunks of a collection, document by document.
struct ChunkTexts {
    private let db: Database
    private let collection: Int64
    private let position: Int64

    /// Leaves out documents that were last written at or before `position`.
    init(_ db: Database, collection: Int64, after position: Int64 = -1) {
        self.db = db
        self.collection = collection
        self.position = position
    }

    /// Calls `body` with each chunk's key, its document's title and its text, and `damaged` with each
    /// document whose text cannot be read.
    func forEach(
        _ body: (ChunkKey, String?, String) throws -> Void,
        damaged: (Int64, VectorStoreError) throws -> Void
    ) throws {
        let documents = try Row.fetchCursor(
            db,
            sql: """
                SELECT key, title, byte_count FROM documents
                WHERE collection_id = ? AND position > ?
                """,
            arguments: [collection, position]
        )
        while let row = try documents.next() {
            let document = try row.integer(0, "documents.key")
            let title = try row.optionalText(1, "documents.title")
            let chunks: [(key: ChunkKey, text: String)]
            do {
                chunks = try texts(
                    of: document,
                    byteCount: try row.count(2, "documents.byte_count")
                )
            } catch let error as VectorStoreError where error.code == .corrupted {
                try damaged(document, error)
                continue
            }
            for chunk in chunks { try body(chunk.key, title, chunk.text) }
        }
    }

    private func texts(
        of document: Int64,
        byteCount: Int
    ) throws -> [(key: ChunkKey, text: String)] {
        let text = try DocumentText.read(db, document: document, byteCount: byteCount)
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT key, start_byte, end_byte FROM chunks WHERE document_key = ?"
            ),
            arguments: [document]
        )
        return try rows.map { row in
            let key = try row.integer(0, "chunks.key")
            let start = try row.count(1, "chunks.start_byte")
            let end = try row.count(2, "chunks.end_byte")
            guard start <= end, end <= text.count else {
                throw VectorStoreError.corrupted("chunk \(key) ends outside its document's text")
            }
            return (key, try DocumentText.string(text[start..<end], document: document))
        }
    }
}
