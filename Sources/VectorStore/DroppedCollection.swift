import GRDB

/// The rows of a collection that has no name any more, removed in bounded transactions.
struct DroppedCollection {
    let id: Int64

    /// Documents removed by one transaction: with a few chunks each, some thousands of rows.
    private static let documentCount = 256

    /// Removes some of what is left, and returns whether there is more.
    func removeSome(_ db: Database) throws -> Bool {
        let keys = try Row.fetchAll(
            db,
            sql: "SELECT key FROM documents WHERE collection_id = ? LIMIT ?",
            arguments: [id, Self.documentCount]
        )
        guard !keys.isEmpty else {
            try LexicalCheckpoint.remove(db, collection: id)
            try GraphCheckpoint.remove(db, collection: id)
            try db.execute(sql: "DELETE FROM collections WHERE id = ?", arguments: [id])
            return false
        }
        for row in keys {
            let key = try row.integer(0, "documents.key")
            try db.execute(
                sql: """
                    DELETE FROM chunks WHERE document_key = :key;
                    DELETE FROM document_text WHERE document_key = :key;
                    DELETE FROM metadata WHERE document_key = :key;
                    DELETE FROM documents WHERE key = :key;
                    """,
                arguments: ["key": key]
            )
        }
        return true
    }
}
