import Foundation
package import GRDB
import Synchronization

/// The SQLite file of a data directory: one connection that writes, a bounded pool that reads.
///
/// **One writer, and it alone checkpoints.** SQLite before 3.51.3 can lose committed frames when two
/// connections reset the write-ahead log at the same moment. So exactly one connection in the whole
/// system may write or checkpoint: the pool's writer. Readers are opened read-only and query-only,
/// and `DirectoryLock` keeps every other process out.
///
/// Thread safety: GRDB's pool serializes the writer and hands each read a connection and a snapshot
/// of its own; reads never wait for the writer.
package final class DatabaseFile: Sendable {
    private let pool: DatabasePool
    private let lock: Mutex<DirectoryLock?>

    /// Where the file is.
    var path: String { pool.path }

    /// The file's name in a data directory.
    static let name = "ragd.sqlite"

    /// Locks the directory, opens or creates the file and brings its schema up to date.
    init(directory: String, options: StoreOptions) throws(VectorStoreError) {
        lock = Mutex(try DirectoryLock(directory: directory))
        let path = directory + "/" + Self.name
        do {
            pool = try DatabasePool(path: path, configuration: Self.configuration(options))
            try pool.writeWithoutTransaction { db in
                // GRDB sets NORMAL when it turns WAL on; an acknowledged write has to be on disk.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try db.execute(sql: "PRAGMA wal_autocheckpoint = \(options.logPageCountMax)")
                if let byteCount = options.fileByteCountMax {
                    let pageSize = try Row.fetchOne(db, sql: "PRAGMA page_size")?
                        .count(0, "PRAGMA page_size")
                    let pageCount = byteCount / max(512, pageSize ?? 4_096)
                    try db.execute(sql: "PRAGMA max_page_count = \(pageCount)")
                }
            }
            try pool.read { try Self.refuseUnknownFormat($0, path: path) }
            try Schema.migrator.migrate(pool)
        } catch {
            throw VectorStoreError(database: error, while: "opening \(path)")
        }
    }

    /// Runs `body` on a reading connection, in one snapshot, blocking the calling thread.
    package func read<Value>(
        _ activity: String,
        _ body: (Database) throws -> Value
    ) throws(VectorStoreError) -> Value {
        do {
            return try pool.read(body)
        } catch {
            throw VectorStoreError(database: error, while: activity)
        }
    }

    /// Runs `body` on the writing connection, outside a transaction.
    ///
    /// Once the store is open this is for the commit queue's thread, and for `verify()`.
    package func write<Value>(
        _ activity: String,
        _ body: (Database) throws -> Value
    ) throws(VectorStoreError) -> Value {
        do {
            return try pool.writeWithoutTransaction(body)
        } catch {
            throw VectorStoreError(database: error, while: activity)
        }
    }

    /// Copies the log into the file, closes every connection and gives the directory back.
    ///
    /// A failure loses nothing: the log stays beside the file and the next start reads it.
    func close() {
        lock.withLock { lock in
            guard lock != nil else { return }
            // GRDB closes the writer before the readers, and a reader cannot do this as it goes last.
            _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            try? pool.close()
            lock = nil
        }
    }

    /// Gives pages of deleted rows back to the file system, a bounded number a call, then copies the
    /// log into the file, and returns whether there is more to do.
    static func reclaim(_ db: Database) throws -> Bool {
        let pageCount = 512
        let free = try Row.fetchOne(db, sql: "PRAGMA freelist_count")?
            .count(0, "PRAGMA freelist_count")
        if let free, free > 0 {
            try db.execute(sql: "PRAGMA incremental_vacuum(\(pageCount))")
            return true
        }
        try db.checkpoint(.passive)
        return false
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

    /// - Throws: `corrupted` for a database that is not ragd's, `conflict` for one of a newer version.
    static func refuseUnknownFormat(_ db: Database, path: String) throws {
        let id = try Row.fetchOne(db, sql: "PRAGMA application_id")?
            .integer(0, "PRAGMA application_id")
        // A power cut may leave the list of migrations alone: it is made before the first of them.
        let tables = try Row.fetchOne(
            db,
            sql: "SELECT count(*) FROM sqlite_schema WHERE tbl_name <> 'grdb_migrations'"
        )?.integer(0, "sqlite_schema")
        guard tables == 0 || id == Int64(Schema.applicationID) else {
            throw VectorStoreError(
                .corrupted,
                "\(path) is not a ragd database (application id \(id ?? 0))"
            )
        }
        guard try !Schema.migrator.hasBeenSuperseded(db) else {
            throw VectorStoreError(
                .conflict,
                "\(path) was written by a newer ragd; upgrade this one"
            )
        }
    }
}
