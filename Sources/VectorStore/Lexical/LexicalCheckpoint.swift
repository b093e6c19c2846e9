import Foundation
import GRDB

/// A collection's full-text index in the database, in compressed parts.
///
/// Derived data. It covers the writes of the collection's log up to its position; documents that were
/// written later are read again, and without it the index is made from the texts.
struct LexicalCheckpoint {
    /// Bytes of a part before compression: bounds what is decompressed at once.
    static let partByteCount = 1 << 20

    /// Whether the file has a place for checkpoints; one of format version 1 has none.
    static func isKnown(_ db: Database) throws -> Bool {
        try db.tableExists("text_checkpoints")
    }

    /// Replaces the collection's checkpoint by one that covers everything committed so far.
    static func write(_ db: Database, collection: Int64, image: [UInt8]) throws {
        try remove(db, collection: collection)
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO text_checkpoints (collection_id, position, part, data)
                SELECT id, position, ?, ? FROM collections WHERE id = ?
                """
        )
        for (part, start) in stride(from: 0, to: image.count, by: partByteCount).enumerated() {
            let end = min(start + partByteCount, image.count)
            let blob = StoredBlob.encode(Array(image[start..<end]))
            try insert.execute(arguments: [part, Data(blob), collection])
        }
    }

    static func remove(_ db: Database, collection: Int64) throws {
        try db.cachedStatement(sql: "DELETE FROM text_checkpoints WHERE collection_id = ?")
            .execute(arguments: [collection])
    }

    /// The stored index with its position, or `nil` when there is none.
    ///
    /// - Throws: `corrupted` when a part is missing or damaged, or all together are no index.
    static func read(
        _ db: Database,
        collection: Int64
    ) throws -> (position: Int64, image: LexicalImage)? {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT position, part, data FROM text_checkpoints
                WHERE collection_id = ? ORDER BY part
                """,
            arguments: [collection]
        )
        var bytes: [UInt8] = []
        var part = 0
        var position: Int64?
        while let row = try rows.next() {
            let what = "part \(part) of the full-text checkpoint of collection \(collection)"
            let written = try row.integer(0, "text_checkpoints.position")
            guard try row.count(1, "text_checkpoints.part") == part, written == position ?? written
            else { throw VectorStoreError.corrupted("\(what) is missing") }
            position = written
            bytes += try row.withUnsafeData(atIndex: 2) { data in
                try StoredBlob.decode((data ?? Data()).span, countMax: partByteCount, what)
            }
            part += 1
        }
        guard let position else { return nil }
        return (position, try LexicalImage(decoding: bytes))
    }
}
