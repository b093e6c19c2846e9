import GRDB

/// The vectors of a collection in the database, for an index that keeps their codes alone.
struct StoredVectors: VectorSource {
    let file: DatabaseFile
    let dimension: Int
    let damaged: DamageLog

    func read(
        _ keys: [ChunkKey],
        _ body: (_ place: Int, _ vector: [Float]) -> Void
    ) throws(VectorStoreError) {
        try file.read("reading vectors") { db in
            let statement = try db.cachedStatement(
                sql: "SELECT data FROM vectors WHERE chunk_key = ?"
            )
            // In the order of the file.
            for place in keys.indices.sorted(by: { keys[$0] < keys[$1] }) {
                let key = keys[place]
                // Gone since the search met it.
                guard let row = try Row.fetchOne(statement, arguments: [key]) else { continue }
                do {
                    body(
                        place,
                        try Collection.vector(row, column: 0, key: key, dimension: dimension)
                    )
                } catch let error as VectorStoreError where error.code == .corrupted {
                    damaged.note(.vector, at: .chunk(key), error)
                }
            }
        }
    }
}
