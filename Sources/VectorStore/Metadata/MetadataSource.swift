import GRDB

/// Reads what `MetadataIndex` holds out of a collection's tables, in one snapshot.
struct MetadataSource {
    let collection: Int64
    let file: DatabaseFile

    /// What is wanted.
    struct Request {
        var keys: Set<MetadataKey>
        /// The documents, when they are known; `nil` to read them.
        var table: DocumentTable?
    }

    /// What was read.
    struct Answer {
        /// The last write that the snapshot holds.
        var position: Int64
        /// The documents, unless their chunks are not as a write leaves them.
        var table: DocumentTable?
        var columns: [MetadataKey: MetadataColumn] = [:]
        /// Keys that cannot be held: their rows are damaged or too many.
        var refused: Set<MetadataKey> = []
    }

    /// Reads the documents, when they are wanted, and the keys.
    ///
    /// - Parameters:
    ///   - request: what is wanted.
    ///   - byteCountMax: how large a column may be.
    /// - Returns: what there is of it.
    /// - Throws: `corrupted`, `io`.
    func read(_ request: Request, byteCountMax: Int) throws(VectorStoreError) -> Answer {
        try file.read("loading metadata") { db in
            let row = try Row.fetchOne(
                db,
                sql: "SELECT position FROM collections WHERE id = ?",
                arguments: [collection]
            )
            var answer = Answer(
                position: try row?.integer(0, "collections.position") ?? 0,
                table: try request.table ?? documents(db)
            )
            guard let table = answer.table else {
                answer.refused = request.keys
                return answer
            }
            let rows = table.rowsByDocument()
            for key in request.keys {
                if let lists = try lists(db, key, rows, byteCountMax: byteCountMax) {
                    answer.columns[key] = MetadataColumn(lists)
                } else {
                    answer.refused.insert(key)
                }
            }
            return answer
        }
    }

    /// The documents with chunks, or `nil` when a document's chunks are not consecutive.
    private func documents(_ db: Database) throws -> DocumentTable? {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT key, document_key FROM chunks INDEXED BY chunks_by_collection
                WHERE collection_id = ? ORDER BY key
                """,
            arguments: [collection]
        )
        var table = DocumentTable()
        var last: (document: Int64, chunk: ChunkKey)?
        while let row = try rows.next() {
            let chunk = try row.integer(0, "chunks.key")
            let document = try row.integer(1, "chunks.document_key")
            if let last, last.document == document {
                guard chunk == last.chunk + 1 else { return nil }
                table.extendLast()
            } else {
                let new = DocumentTable.Row(document: document, first: chunk, count: 1)
                guard table.append(new) else { return nil }
            }
            last = (document, chunk)
        }
        return table.rowsByDocument().count == table.rowCount ? table : nil
    }

    /// The rows at one key, or `nil` when one of them is none that we write, or they take too much memory.
    ///
    /// The primary key has them in the order in which lists are made.
    private func lists(
        _ db: Database,
        _ key: MetadataKey,
        _ rowsByDocument: [Int64: UInt32],
        byteCountMax: Int
    ) throws -> PostingLists? {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT kind, value, is_element, document_key FROM metadata
                WHERE collection_id = ? AND key = ? ORDER BY kind, value, is_element, document_key
                """,
            arguments: [collection, key.string]
        )
        var lists = PostingLists()
        while let row = try rows.next() {
            let isElement = try row.integer(2, "metadata.is_element")
            guard let scalar = MetadataScalar(kind: try row.integer(0, "metadata.kind"), row[1]),
                isElement == 0 || isElement == 1
            else { return nil }
            // A document without chunks has nothing to be selected.
            guard let place = rowsByDocument[try row.integer(3, "metadata.document_key")] else {
                continue
            }
            let entry = MetadataEntry(scalar: scalar, isElement: isElement == 1)
            guard lists.append(entry, row: place) else { return nil }
            if lists.entryCount & 0xfff == 0, lists.byteCount > byteCountMax { return nil }
        }
        lists.finish()
        return lists.byteCount <= byteCountMax ? lists : nil
    }
}
