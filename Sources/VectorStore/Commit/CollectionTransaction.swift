import Foundation
import GRDB

/// The statements of one write to one collection, and what it changes in the index.
///
/// Every row of a document — its text, chunks, vectors, token codes, and filter rows — is
/// written or removed here, in one savepoint, under one position of the collection's log.
struct CollectionTransaction {
    /// What the in-memory index has to follow once this is committed.
    struct IndexChange: Sendable {
        /// Chunks that are gone.
        var removed: [ChunkKey] = []
        /// Chunks that are new, with `dimension` elements each in `vectors`.
        var keys: [ChunkKey] = []
        /// Their vectors, back to back.
        var vectors: [Float] = []
        /// Chunks with new embeddings: those that the index lacks are new to it.
        var embedded: [(key: ChunkKey, vector: [Float])] = []
        /// Documents that were written, with the metadata that they have now.
        var documents: [MetadataIndex.Document] = []
        /// What the full-text index has to follow.
        var words = LexicalChange()
        /// Documents whose text was damaged and is gone now.
        var damagedTexts: [Int64] = []
    }

    let db: Database
    private let collection: Int64
    private let analyzer: TextAnalyzer
    private let now: Int64
    private let checkpointPosition: Int64

    /// This write's place in the collection's log.
    let position: Int64
    private var change = IndexChange()
    private var growth = CollectionCounts()

    /// Takes the collection's next position.
    ///
    /// - Throws: `notFound` when the collection was dropped.
    init(_ db: Database, collection: Int64, language: TextLanguage) throws {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    UPDATE collections SET position = position + 1
                    WHERE id = ? AND name IS NOT NULL
                    RETURNING position, checkpoint_position
                    """
            ),
            arguments: [collection]
        )
        guard let row else {
            throw VectorStoreError(.notFound, "the collection was dropped")
        }
        self.db = db
        self.collection = collection
        analyzer = TextAnalyzer(language)
        position = try row.integer(0, "collections.position")
        checkpointPosition = try row.integer(1, "collections.checkpoint_position")
        now = Int64((Date().timeIntervalSince1970 * 1_000).rounded())
    }

    /// Adds what was written to the collection's counts, and returns what the index has to follow.
    func finish() throws -> IndexChange {
        try growth.add(to: collection, db)
        return change
    }

    // MARK: - Documents

    /// Writes a document in place of the one of the same identifier.
    mutating func upsert(_ document: PreparedDocument) throws -> WriteOutcome {
        let stored = try StoredHead.fetch(db, collection: collection, id: document.id)
        guard let chunks = document.chunks else {
            try update(document, stored)
            return .updated
        }
        let key: Int64
        if let stored {
            key = stored.key
            try removeContents(of: stored)
            try updateRow(key, document, chunkCount: chunks.count)
        } else {
            key = try insertRow(document, chunkCount: chunks.count)
            growth.documents += 1
        }
        growth.textBytes += document.byteCount
        try DocumentText.write(db, document: key, segments: document.segments)
        try document.metadataRows.write(db, collection: collection, document: key)
        let before = change.keys.count
        for (ordinal, chunk) in chunks.enumerated() {
            try insert(chunk, ordinal: ordinal, document: key)
        }
        let first = change.keys.dropFirst(before).first ?? 0
        change.documents.append(
            MetadataIndex.Document(
                key: key,
                chunks: first..<first + ChunkKey(chunks.count),
                metadata: document.metadataRows
            )
        )
        return stored == nil ? .created : .updated
    }

    /// Removes a document, and returns whether there was one.
    mutating func delete(id: String) throws -> Bool {
        guard let stored = try StoredHead.fetch(db, collection: collection, id: id) else {
            return false
        }
        try removeContents(of: stored)
        try MetadataRows.delete(db, document: stored.key)
        try db.cachedStatement(sql: "DELETE FROM documents WHERE key = ?")
            .execute(arguments: [stored.key])
        growth.documents -= 1
        return true
    }

    /// Writes title, source and metadata, keeping text and chunks.
    private mutating func update(_ document: PreparedDocument, _ stored: StoredHead?) throws {
        guard let stored else {
            throw VectorStoreError(.notFound, "the document was deleted meanwhile; send its chunks")
        }
        guard stored.contentHash == document.contentHash else {
            throw VectorStoreError(.conflict, "the document's text was changed; send its chunks")
        }
        if stored.title != document.title {
            let analyzer = analyzer
            var words = LexicalChange()
            try forEachChunk(of: stored) { key, text in
                words.removed.append((key, analyzer.words(title: stored.title, text: text)))
                words.inserted.append((key, analyzer.words(title: document.title, text: text)))
            }
            change.words.removed += words.removed
            change.words.inserted += words.inserted
        }
        try document.metadataRows.write(db, collection: collection, document: stored.key)
        try db.cachedStatement(
            sql: """
                UPDATE documents SET title = ?, source = ?, metadata = ?, position = ?,
                    updated_at = ?
                WHERE key = ?
                """
        ).execute(arguments: [
            document.title, document.source, document.metadataJSON, position, now, stored.key,
        ])
        let chunks = try keys(of: stored)
        if let first = chunks.min(), let last = chunks.max() {
            change.documents.append(
                MetadataIndex.Document(
                    key: stored.key,
                    chunks: first..<last + 1,
                    metadata: document.metadataRows
                )
            )
        }
    }

    private func insertRow(_ document: PreparedDocument, chunkCount: Int) throws -> Int64 {
        try db.cachedStatement(
            sql: """
                INSERT INTO documents (collection_id, id, title, source, metadata, content_hash,
                    byte_count, token_count, chunk_count, position, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            collection, document.id, document.title, document.source, document.metadataJSON,
            document.contentHash, document.byteCount, document.tokenCount, chunkCount, position,
            now, now,
        ])
        return db.lastInsertedRowID
    }

    private func updateRow(
        _ key: Int64,
        _ document: PreparedDocument,
        chunkCount: Int
    ) throws {
        try db.cachedStatement(
            sql: """
                UPDATE documents SET title = ?, source = ?, metadata = ?, content_hash = ?,
                    byte_count = ?, token_count = ?, chunk_count = ?, position = ?, updated_at = ?
                WHERE key = ?
                """
        ).execute(arguments: [
            document.title, document.source, document.metadataJSON, document.contentHash,
            document.byteCount, document.tokenCount, chunkCount, position, now, key,
        ])
    }

    // MARK: - Chunks

    private mutating func insert(
        _ chunk: PreparedDocument.Chunk,
        ordinal: Int,
        document: Int64
    ) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO chunks (collection_id, document_key, ordinal, start_byte, end_byte,
                    token_count, text_hash, position)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            collection, document, ordinal, chunk.range.lowerBound, chunk.range.upperBound,
            chunk.tokenCount, chunk.textHash, position,
        ])
        let key = db.lastInsertedRowID
        try db.cachedStatement(sql: "INSERT INTO vectors VALUES (?, ?)")
            .execute(arguments: [key, chunk.vectorBlob])
        if let codes = chunk.tokenCodesBlob {
            try db.cachedStatement(sql: "INSERT INTO token_codes VALUES (?, ?)")
                .execute(arguments: [key, codes])
        }
        change.words.inserted.append((key, chunk.words))
        change.keys.append(key)
        change.vectors += chunk.vector
        growth.chunks += 1
        growth.vectorBytes += chunk.vectorBlob.count
        growth.tokenCodeBytes += chunk.tokenCodesBlob?.count ?? 0
    }

    /// Gives a chunk a new embedding, and returns whether there is one of that text.
    mutating func replace(_ embedding: PreparedEmbedding) throws -> Bool {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT 1 FROM chunks WHERE key = ? AND collection_id = ? AND text_hash = ?
                    """
            ),
            arguments: [embedding.key, collection, embedding.textHash]
        )
        guard row != nil else { return false }
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO vectors VALUES (?, ?)")
            .execute(arguments: [embedding.key, embedding.vectorBlob])
        if let codes = embedding.tokenCodesBlob {
            try db.cachedStatement(sql: "INSERT OR REPLACE INTO token_codes VALUES (?, ?)")
                .execute(arguments: [embedding.key, codes])
        } else {
            try db.cachedStatement(sql: "DELETE FROM token_codes WHERE chunk_key = ?")
                .execute(arguments: [embedding.key])
        }
        change.embedded.append((embedding.key, embedding.vector))
        return true
    }

    /// Counts the collection's rows anew: what a damaged row added to the sums is not known.
    func recount() throws {
        try CollectionCounts(recounting: collection, db).replace(in: collection, db)
    }

    /// Removes a document's chunks and text, leaving its own row and its metadata.
    private mutating func removeContents(of document: StoredHead) throws {
        let analyzer = analyzer
        var removed: [(key: ChunkKey, words: ChunkWords?)] = []
        do {
            try forEachChunk(of: document) { key, text in
                removed.append((key, analyzer.words(title: document.title, text: text)))
            }
        } catch let error as VectorStoreError where error.code == .corrupted {
            // Without its text its words have to be looked for in the whole index.
            change.damagedTexts.append(document.key)
            removed = try keys(of: document).map { ($0, nil) }
        }
        growth.chunks -= removed.count
        growth.textBytes -= document.byteCount
        growth.vectorBytes -= try byteCount(of: "vectors", document: document.key)
        growth.tokenCodeBytes -= try byteCount(of: "token_codes", document: document.key)
        try db.cachedStatement(
            sql: """
                INSERT INTO tombstones SELECT collection_id, key, ? FROM chunks
                WHERE document_key = ? AND position <= ?
                """
        ).execute(arguments: [position, document.key, checkpointPosition])
        // Vectors and token codes go with their chunks.
        try db.cachedStatement(sql: "DELETE FROM chunks WHERE document_key = ?")
            .execute(arguments: [document.key])
        try DocumentText.delete(db, document: document.key)
        change.removed += removed.map(\.key)
        change.words.removed += removed
    }

    private func keys(of document: StoredHead) throws -> [ChunkKey] {
        try Row.fetchAll(
            db.cachedStatement(sql: "SELECT key FROM chunks WHERE document_key = ?"),
            arguments: [document.key]
        ).map { try $0.integer(0, "chunks.key") }
    }

    private func byteCount(of table: StaticString, document: Int64) throws -> Int {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT coalesce(sum(length(data)), 0) FROM chunks JOIN \(table)
                    ON chunk_key = key WHERE document_key = ?
                    """
            ),
            arguments: [document]
        )
        return try row?.count(0, "length of blobs") ?? 0
    }

    private func forEachChunk(
        of document: StoredHead,
        _ body: (ChunkKey, String) throws -> Void
    ) throws {
        let text = try DocumentText.read(db, document: document.key, byteCount: document.byteCount)
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT key, start_byte, end_byte FROM chunks
                    WHERE document_key = ? ORDER BY ordinal
                    """
            ),
            arguments: [document.key]
        )
        for row in rows {
            let key = try row.integer(0, "chunks.key")
            let start = try row.count(1, "chunks.start_byte")
            let end = try row.count(2, "chunks.end_byte")
            guard start <= end, end <= text.count else {
                throw VectorStoreError.corrupted("chunk \(key) ends outside its document's text")
            }
            try body(key, try DocumentText.string(text[start..<end], document: document.key))
        }
    }
}

/// What a write has to know of the document that it replaces.
private struct StoredHead {
    var key: Int64
    var title: String?
    var contentHash: Data
    var byteCount: Int

    static func fetch(_ db: Database, collection: Int64, id: String) throws -> StoredHead? {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT key, title, content_hash, byte_count FROM documents
                    WHERE collection_id = ? AND id = ?
                    """
            ),
            arguments: [collection, id]
        )
        guard let row else { return nil }
        let head = StoredHead(
            key: try row.integer(0, "documents.key"),
            title: try row.optionalText(1, "documents.title"),
            contentHash: try row.blob(2, "documents.content_hash"),
            byteCount: try row.count(3, "documents.byte_count")
        )
        guard head.byteCount <= PreparedDocument.Limits.textByteCount else {
            throw VectorStoreError.corrupted("document \(head.key) says \(head.byteCount) bytes")
        }
        return head
    }
}
