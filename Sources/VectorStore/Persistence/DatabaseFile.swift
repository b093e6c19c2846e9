import Foundation
import GRDB

/// The SQLite file of a data directory: one connection that writes, a bounded pool that reads.
///
/// **One writer, and it alone checkpoints.** SQLite before 3.51.3 can lose committed frames when two
/// connections reset the write-ahead log at the same moment. So exactly one connection in the whole
/// system may write or checkpoint: the pool's writer. Readers are opened read-only and query-only,
/// and `DirectoryLock` keeps every other process out.
///
/// Thread safety: GRDB's pool serializes the writer and hands each read a connection and a snapshot
/// of its own; reads never wait for the writer.
final class DatabaseFile: Sendable {
    private let pool: DatabasePool

    /// Opens or creates the file and brings its schema up to date.
    init(path: String, options: StoreOptions) throws(VectorStoreError) {
        do {
            pool = try DatabasePool(path: path, configuration: Self.configuration(options))
            try pool.writeWithoutTransaction { db in
                // GRDB sets NORMAL when it turns WAL on; an acknowledged write has to be on disk.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try db.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
            }
            try Self.refuseUnknownFormat(pool)
            try Schema.migrator.migrate(pool)
        } catch {
            throw VectorStoreError(database: error, while: "opening \(path)")
        }
    }

    /// Runs `body` on a reading connection, in one snapshot. Blocks the calling thread.
    func read<Value>(
        _ activity: String,
        _ body: (Database) throws -> Value
    ) throws(VectorStoreError) -> Value {
        do {
            return try pool.read(body)
        } catch {
            throw VectorStoreError(database: error, while: activity)
        }
    }

    /// Runs `body` on the writing connection, outside a transaction. The commit queue's thread is
    /// the only caller once the store is open.
    func write<Value>(
        _ activity: String,
        _ body: (Database) throws -> Value
    ) throws(VectorStoreError) -> Value {
        do {
            return try pool.writeWithoutTransaction(body)
        } catch {
            throw VectorStoreError(database: error, while: activity)
        }
    }

    /// Copies the log into the file and closes every connection.
    func close() throws(VectorStoreError) {
        do {
            try pool.close()
        } catch {
            throw VectorStoreError(database: error, while: "closing the database")
        }
    }

    private static func configuration(_ options: StoreOptions) -> Configuration {
        var configuration = Configuration()
        configuration.label = "ragd"
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(10)
        configuration.maximumReaderCount = options.readerCount
        let cacheKiB = options.cacheByteCount >> 10
        configuration.prepareDatabase { db in
            // Before the first table exists, and for readers without effect.
            if !db.configuration.readonly {
                try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            } else {
                try db.execute(sql: "PRAGMA query_only = 1")
            }
            try db.execute(sql: "PRAGMA cache_size = -\(cacheKiB)")
            try db.execute(sql: "PRAGMA journal_size_limit = \(64 << 20)")
            // Damaged pages are reported where they are read instead of being trusted.
            try db.execute(sql: "PRAGMA cell_size_check = ON")
            try db.execute(sql: "PRAGMA trusted_schema = OFF")
        }
        return configuration
    }

    private static func refuseUnknownFormat(_ pool: DatabasePool) throws {
        try pool.read { db in
            let id = try Row.fetchOne(db, sql: "PRAGMA application_id")?
                .integer(0, "PRAGMA application_id")
            let tables = try Row.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema")?
                .integer(0, "sqlite_schema")
            guard tables == 0 || id == Int64(Schema.applicationID) else {
                throw VectorStoreError(
                    .corrupted,
                    "\(pool.path) is not a ragd database (application id \(id ?? 0))"
                )
            }
            guard try !Schema.migrator.hasBeenSuperseded(db) else {
                throw VectorStoreError(
                    .conflict,
                    "\(pool.path) was written by a newer ragd; upgrade this one"
                )
            }
        }
    }
}
