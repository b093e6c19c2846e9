import Foundation
import GRDB

/// A collection's graph in the database: links and keys without vectors, in compressed parts.
///
/// Derived data. It covers the writes of the collection's log up to its position; what came later is
/// replayed from the rows, and without it the graph is rebuilt from them.
struct GraphCheckpoint {
    /// Bytes of a part before compression: bounds what is decompressed at once.
    static let partByteCount = 1 << 20

    /// Replaces the collection's checkpoint by one that covers everything committed so far, and with
    /// it the deletions that were recorded since the last.
    static func write(
        _ db: Database,
        collection: Int64,
        graph: [UInt8]
    ) throws {
        try remove(db, collection: collection)
        let row = try Row.fetchOne(
            db,
            sql: """
                UPDATE collections SET checkpoint_position = position WHERE id = ?
                RETURNING checkpoint_position
                """,
            arguments: [collection]
        )
        guard let position = try row?.integer(0, "collections.position") else { return }
        let insert = try db.cachedStatement(
            sql: "INSERT INTO graph_checkpoints VALUES (?, ?, ?, ?)"
        )
        for (part, start) in stride(from: 0, to: graph.count, by: partByteCount).enumerated() {
            let end = min(start + partByteCount, graph.count)
            let blob = StoredBlob.encode(Array(graph[start..<end]))
            try insert.execute(arguments: [collection, position, part, Data(blob)])
        }
    }

    /// Removes a collection's checkpoint and the deletions since.
    static func remove(_ db: Database, collection: Int64) throws {
        try db.execute(
            sql: """
                DELETE FROM tombstones WHERE collection_id = :id;
                DELETE FROM graph_checkpoints WHERE collection_id = :id;
                """,
            arguments: ["id": collection]
        )
    }

    /// The graph's bytes, or `nil` when there is no checkpoint.
    ///
    /// - Throws: `corrupted` when a part is missing or damaged.
    static func read(
        _ db: Database,
        collection: Int64,
        position: Int64
    ) throws -> [UInt8]? {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT part, data FROM graph_checkpoints
                WHERE collection_id = ? AND position = ? ORDER BY part
                """,
            arguments: [collection, position]
        )
        var graph: [UInt8] = []
        var part = 0
        while let row = try rows.next() {
            let what = "part \(part) of the graph checkpoint of collection \(collection)"
            guard try row.count(0, "graph_checkpoints.part") == part else {
                throw VectorStoreError.corrupted("\(what) is missing")
            }
            graph += try row.withUnsafeData(atIndex: 1) { data in
                try StoredBlob.decode((data ?? Data()).span, countMax: partByteCount, what)
            }
            part += 1
        }
        return part == 0 ? nil : graph
    }
}
