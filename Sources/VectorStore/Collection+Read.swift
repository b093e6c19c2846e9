import Foundation
import GRDB
import Synchronization

extension Collection {
    /// What is stored under each of the identifiers that exist.
    public func contentHashes(
        ids: [String]
    ) throws(VectorStoreError) -> [String: StoredHash] {
        try read("reading content hashes") { db in
            let reader = DocumentReader(db, collection: id)
            var hashes: [String: StoredHash] = [:]
            for id in ids {
                hashes[id] = try reader.hash(id: id)
            }
            return hashes
        }
    }

    /// The embeddings of chunks whose text hashes are among `textHashes`, for use with equal text.
    public func embeddings(
        textHashes: [[UInt8]]
    ) throws(VectorStoreError) -> [[UInt8]: StoredEmbedding] {
        try read("reading embeddings") { db in
            var embeddings: [[UInt8]: StoredEmbedding] = [:]
            for hash in textHashes where embeddings[hash] == nil {
                embeddings[hash] = try embedding(db, textHash: hash)
            }
            return embeddings
        }
    }

    /// A document with its text and chunks, or `nil` when there is none of that identifier.
    public func document(id: String) throws(VectorStoreError) -> StoredDocument? {
        try read("reading a document") { db in
            try DocumentReader(db, collection: self.id).document(id: id)
        }
    }

    /// A page of documents in the order of their identifiers' bytes.
    ///
    /// - Parameters:
    ///   - cursor: the `nextCursor` of the page before; `nil` for the first.
    ///   - limit: how many documents, 1 to 1,000.
    ///   - filter: which documents; `nil` for all.
    /// - Returns: the documents, and the cursor of the next page when there is one.
    /// - Throws: `invalidArgument`, `limitExceeded`, `corrupted`, `io`, `notFound` when dropped.
    public func documents(
        after cursor: String?,
        limit: Int,
        filter: Filter?
    ) throws(VectorStoreError) -> DocumentPage {
        guard (1...1_000).contains(limit) else {
            throw VectorStoreError(.invalidArgument, "limit must be in 1...1000, not \(limit)")
        }
        try filter?.validate()
        return try read("listing documents") { db in
            try DocumentReader(db, collection: id)
                .page(after: cursor, limit: limit, filter: filter)
        }
    }

    /// Chunks with their documents' fields; those that are gone, or whose text is damaged, are left
    /// out.
    ///
    /// - Parameters:
    ///   - keys: which chunks.
    ///   - context: how many neighbours on each side are joined to a chunk's text, 0 to 1,000.
    /// - Returns: the chunks that exist, by key.
    /// - Throws: `invalidArgument`, `corrupted`, `io`, `notFound` when dropped.
    public func chunks(
        for keys: [ChunkKey],
        context: Int = 0
    ) throws(VectorStoreError) -> [ChunkKey: StoredChunk] {
        guard (0...1_000).contains(context) else {
            throw VectorStoreError(.invalidArgument, "context must be in 0...1000, not \(context)")
        }
        return try read("reading chunks") { db in
            var reader = ChunkReader(db, collection: id)
            var chunks: [ChunkKey: StoredChunk] = [:]
            for key in keys {
                do {
                    chunks[key] = try reader.chunk(key, context: context)
                } catch let error as DamagedText {
                    damaged.note(.text, at: .document(error.document), error.reason)
                }
            }
            return chunks
        }
    }

    /// The vectors of chunks as the index has them: unit length when the metric is cosine.
    ///
    /// - Throws: `io` when they are on disk and cannot be read.
    public func vectors(
        for keys: [ChunkKey]
    ) throws(VectorStoreError) -> [ChunkKey: [Float]] {
        try index.graph.vectors(for: keys)
    }

    /// The sign codes of chunks' tokens; chunks without, or with damaged ones, are left out.
    public func tokenCodes(
        for keys: [ChunkKey]
    ) throws(VectorStoreError) -> [ChunkKey: [UInt8]] {
        try read("reading token codes") { db in
            let statement = try db.cachedStatement(
                sql: "SELECT data FROM token_codes WHERE chunk_key = ?"
            )
            var codes: [ChunkKey: [UInt8]] = [:]
            // In the order of the file.
            for key in keys.sorted() {
                let row = try Row.fetchOne(statement, arguments: [key])
                do {
                    codes[key] = try row.map { try Self.tokenCodes($0, column: 0, key: key) }
                } catch let error as VectorStoreError where error.code == .corrupted {
                    damaged.note(.tokenCodes, at: .chunk(key), error)
                }
            }
            return codes
        }
    }

    /// Sizes and the state of the index.
    public func statistics() throws(VectorStoreError) -> CollectionStatistics {
        try read("reading statistics") { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT position, checkpoint_position, (
                        SELECT coalesce(sum(length(data)), 0) FROM graph_checkpoints
                        WHERE collection_id = c.id), \(CollectionCounts.columns)
                    FROM collections c WHERE id = ?
                    """,
                arguments: [id]
            )
            guard let row else { throw dropped }
            let counts = try CollectionCounts(row, from: 3)
            return CollectionStatistics(
                documentCount: counts.documents,
                chunkCount: counts.chunks,
                textByteCount: counts.textBytes,
                vectorByteCount: counts.vectorBytes,
                tokenCodeByteCount: counts.tokenCodeBytes,
                checkpointByteCount: try row.count(2, "size of the graph checkpoint"),
                index: index.byteCounts,
                textIndexByteCount: lexical.byteCount,
                metadataByteCount: metadata.byteCount,
                indexState: index.indexState,
                position: try row.integer(0, "collections.position"),
                checkpointPosition: try row.integer(1, "collections.checkpoint_position")
            )
        }
    }

    // MARK: -

    /// Reads in one snapshot, unless the collection was dropped.
    func read<Value>(
        _ activity: String,
        _ body: (Database) throws -> Value
    ) throws(VectorStoreError) -> Value {
        try checkNotDropped()
        return try file.read("\(activity) of collection \"\(configuration.name)\"", body)
    }

    /// Refuses to answer from what is being removed.
    func checkNotDropped() throws(VectorStoreError) {
        guard log.withLock({ !$0.isDropped }) else { throw dropped }
    }

    private var dropped: VectorStoreError {
        VectorStoreError(.notFound, "collection \"\(configuration.name)\" was dropped")
    }

    /// Looks one text up by its hash: asked for every chunk that comes in, so it must not get slower
    /// as the collection grows.
    package static let embeddingSQL = """
        SELECT c.key, v.data, t.data FROM chunks c
        JOIN vectors v ON v.chunk_key = c.key
        LEFT JOIN token_codes t ON t.chunk_key = c.key
        WHERE c.text_hash = ? AND c.collection_id = ?
        """

    private func embedding(_ db: Database, textHash: [UInt8]) throws -> StoredEmbedding? {
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: Self.embeddingSQL),
            arguments: [Data(textHash), id]
        )
        // The first that is whole, most often the first of all.
        while let row = try rows.next() {
            let key = try row.integer(0, "chunks.key")
            var part = StoredPart.vector
            do {
                let vector = try Self.vector(
                    row,
                    column: 1,
                    key: key,
                    dimension: configuration.dimension
                )
                part = .tokenCodes
                return StoredEmbedding(
                    vector: vector,
                    tokenCodes: try Self.tokenCodes(row, column: 2, key: key)
                )
            } catch let error as VectorStoreError where error.code == .corrupted {
                damaged.note(part, at: .chunk(key), error)
            }
        }
        return nil
    }

    /// Decodes a vector's blob where SQLite has it.
    static func vector(
        _ row: Row,
        column: Int,
        key: ChunkKey,
        dimension: Int
    ) throws -> [Float] {
        try row.withUnsafeData(atIndex: column) { data in
            try StoredBlob.decodeVector(
                (data ?? Data()).span,
                dimension: dimension,
                "the vector of chunk \(key)"
            )
        }
    }

    /// Decodes token codes; a row without has none.
    static func tokenCodes(_ row: Row, column: Int, key: ChunkKey) throws -> [UInt8] {
        try row.withUnsafeData(atIndex: column) { data in
            guard let data else { return [] }
            return try StoredBlob.decode(
                data.span,
                countMax: tokenCodeByteCountMax,
                "the token codes of chunk \(key)"
            )
        }
    }

    /// The longest chunk of the longest vectors: 8,192 tokens of 2 KiB.
    static let tokenCodeByteCountMax = 16 << 20
}
