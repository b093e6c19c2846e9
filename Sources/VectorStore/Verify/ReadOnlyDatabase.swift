import Foundation
import GRDB

/// A database that is read beside whoever writes it.
struct ReadOnlyDatabase {
    private let queue: DatabaseQueue

    /// Opens the database at `path`, which must exist and have this version's schema.
    init(path: String) throws(VectorStoreError) {
        guard FileManager.default.fileExists(atPath: path) else {
            throw VectorStoreError(.notFound, "there is no \(path)")
        }
        var configuration = Configuration()
        configuration.label = "ragd.reader"
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA cell_size_check = ON")
            try db.execute(sql: "PRAGMA trusted_schema = OFF")
        }
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.read { try DatabaseFile.refuseUnknownFormat($0, path: path) }
        } catch {
            throw VectorStoreError(database: error, while: "opening \(path)")
        }
    }

    /// Runs `body` in one snapshot, in which temporary tables may be made.
    func read<Value>(
        _ activity: String,
        _ body: (Database) throws -> Value
    ) throws(VectorStoreError) -> Value {
        do {
            return try queue.inDatabase { db in
                var value: Value?
                try db.inTransaction(.deferred) {
                    value = try body(db)
                    return .rollback
                }
                guard let value else { preconditionFailure("the transaction ran no body") }
                return value
            }
        } catch {
            throw VectorStoreError(database: error, while: activity)
        }
    }
}
