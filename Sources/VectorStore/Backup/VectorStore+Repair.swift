import GRDB

extension VectorStore {
    /// Makes everything of a stopped data folder again that follows from texts and rows: SQL indexes,
    /// sums, filter rows; and drops the graphs and full-text indexes, which the next start builds.
    ///
    /// A start repairs what it meets. This is for what it does not look at, or cannot start with. It
    /// takes about as long as ingesting the texts without embedding them, one transaction a collection.
    ///
    /// - Parameter directory: the data folder; no daemon may have it open.
    /// - Returns: what a check of it says afterwards. Damaged texts have to be sent again; damaged
    ///   vectors and token codes are made again by the daemon, which has the model.
    /// - Throws: `conflict` when the folder is in use or a newer version wrote it, `notFound`,
    ///   `corrupted`, `io`.
    public static func repair(directory: String) throws(VectorStoreError) -> StoreReport {
        _ = try ReadOnlyDatabase(path: directory + "/" + DatabaseFile.name)
        let file = try DatabaseFile(directory: directory, options: StoreOptions())
        defer { file.close() }
        try file.write("making the indexes of \(directory) again") { db in
            try db.execute(sql: "REINDEX")
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT id FROM collections WHERE name IS NOT NULL"
            )
            for row in rows {
                let id = try row.integer(0, "collections.id")
                try db.inTransaction(.immediate) {
                    try repair(db, collection: id)
                    return .commit
                }
            }
        }
        return try check(directory: directory)
    }

    private static func repair(_ db: Database, collection: Int64) throws {
        try LexicalCheckpoint.remove(db, collection: collection)
        let documents = try Row.fetchCursor(
            db,
            sql: "SELECT key, metadata FROM documents WHERE collection_id = ?",
            arguments: [collection]
        )
        while let row = try documents.next() {
            let key = try row.integer(0, "documents.key")
            let json = try row.text(1, "documents.metadata")
            try MetadataRows(try MetadataJSON.decode(json, "the metadata of document \(key)"))
                .write(db, collection: collection, document: key)
        }
        try GraphCheckpoint.remove(db, collection: collection)
        try db.execute(
            sql: "UPDATE collections SET checkpoint_position = 0 WHERE id = ?",
            arguments: [collection]
        )
        try CollectionCounts(recounting: collection, db).replace(in: collection, db)
    }
}
