import Foundation
import GRDB

/// The vectors of a collection's live chunks, read in the order of their keys, which is nearly that
/// of the file.
struct VectorRows {
    private let db: Database
    private let collection: Int64
    private let dimension: Int
    private let damaged: DamageLog

    init(_ db: Database, collection: Int64, dimension: Int, damaged: DamageLog) {
        self.db = db
        self.collection = collection
        self.damaged = damaged
        self.dimension = dimension
    }

    /// Calls `body` with every chunk and its vector, finite and `dimension` long; those whose vector
    /// is missing or damaged are noted and left out.
    ///
    /// - Parameters:
    ///   - after: chunks of later keys only.
    ///   - limit: at most so many rows, those that are left out among them; `nil` for all.
    ///   - body: what is done with each.
    /// - Throws: what `body` throws, and when rows make no sense.
    func read(
        after: ChunkKey = .min,
        limit: Int? = nil,
        _ body: (ChunkKey, [Float]) throws -> Void
    ) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT c.key, v.data FROM chunks c LEFT JOIN vectors v ON v.chunk_key = c.key
                WHERE c.collection_id = ? AND c.key > ? ORDER BY c.key LIMIT ?
                """,
            arguments: [collection, after, limit ?? -1]
        )
        var last = after
        while let row = try rows.next() {
            let key = try row.integer(0, "chunks.key")
            // A damaged SQL index can name a row twice.
            guard key > last else {
                throw VectorStoreError.corrupted("chunk \(key) comes after chunk \(last)")
            }
            last = key
            let vector: [Float]
            do {
                vector = try Collection.vector(row, column: 1, key: key, dimension: dimension)
            } catch let error as VectorStoreError where error.code == .corrupted {
                damaged.note(.vector, at: .chunk(key), error)
                continue
            }
            try body(key, vector)
        }
    }

    /// How many there are.
    func count() throws -> Int {
        let row = try Row.fetchOne(
            db,
            sql: "SELECT count(*) FROM chunks WHERE collection_id = ?",
            arguments: [collection]
        )
        return try row?.count(0, "count of chunks") ?? 0
    }

    /// How many chunks of the checkpoint are gone.
    func tombstoneCount() throws -> Int {
        let row = try Row.fetchOne(
            db,
            sql: "SELECT count(*) FROM tombstones WHERE collection_id = ?",
            arguments: [collection]
        )
        return try row?.count(0, "count of tombstones") ?? 0
    }
}
