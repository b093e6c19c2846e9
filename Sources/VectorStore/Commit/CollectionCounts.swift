import GRDB

/// Sums over a collection's rows, kept in its own row so that nobody has to count.
struct CollectionCounts: Equatable {
    var documents = 0
    var chunks = 0
    /// Text before compression.
    var textBytes = 0
    /// Vector blobs of live chunks.
    var vectorBytes = 0
    /// Token code blobs.
    var tokenCodeBytes = 0

    /// The columns of `collections` that hold them, in this order.
    static let columns = """
        document_count, chunk_count, text_byte_count, vector_byte_count, token_code_byte_count
        """

    /// The same sums, computed from the rows of the collection that is bound twice.
    static let recount = """
        SELECT count(*), coalesce(sum(byte_count), 0),
            (SELECT count(*) FROM chunks WHERE collection_id = ?1),
            (SELECT coalesce(sum(length(data)), 0) FROM chunks JOIN vectors ON chunk_key = key
                WHERE collection_id = ?1),
            (SELECT coalesce(sum(length(data)), 0) FROM chunks JOIN token_codes ON chunk_key = key
                WHERE collection_id = ?1)
        FROM documents WHERE collection_id = ?1
        """

    init() {}

    /// Reads them from a row's columns `first` and on.
    init(_ row: Row, from first: Int) throws(VectorStoreError) {
        documents = try row.count(first, "collections.document_count")
        chunks = try row.count(first + 1, "collections.chunk_count")
        textBytes = try row.count(first + 2, "collections.text_byte_count")
        vectorBytes = try row.count(first + 3, "collections.vector_byte_count")
        tokenCodeBytes = try row.count(first + 4, "collections.token_code_byte_count")
    }

    /// Counts them anew.
    init(recounting collection: Int64, _ db: Database) throws {
        guard let row = try Row.fetchOne(db, sql: Self.recount, arguments: [collection]) else {
            return
        }
        documents = try row.count(0, "count of documents")
        textBytes = try row.count(1, "sum of byte_count")
        chunks = try row.count(2, "count of chunks")
        vectorBytes = try row.count(3, "sum of vectors")
        tokenCodeBytes = try row.count(4, "sum of token codes")
    }

    /// Writes these in place of what the collection's row says.
    func replace(in collection: Int64, _ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE collections SET document_count = ?, chunk_count = ?, text_byte_count = ?,
                    vector_byte_count = ?, token_code_byte_count = ?
                WHERE id = ?
                """,
            arguments: [documents, chunks, textBytes, vectorBytes, tokenCodeBytes, collection]
        )
    }

    /// Adds these to what the collection's row says.
    func add(to collection: Int64, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                UPDATE collections SET document_count = document_count + ?,
                    chunk_count = chunk_count + ?, text_byte_count = text_byte_count + ?,
                    vector_byte_count = vector_byte_count + ?,
                    token_code_byte_count = token_code_byte_count + ?
                WHERE id = ?
                """
        ).execute(arguments: [
            documents, chunks, textBytes, vectorBytes, tokenCodeBytes, collection,
        ])
    }
}
