import Foundation
import GRDB

extension VectorStore {
    /// Copies the database of a data folder into a new file, as it is when the copy begins.
    ///
    /// A daemon may serve the folder meanwhile: the copy is made through a connection that reads one
    /// snapshot, and neither waits for the other. Until it is done the write-ahead log keeps what is
    /// written meanwhile. The new file is complete, flushed, and alone: it has no log beside it.
    ///
    /// Blocks the calling thread.
    ///
    /// - Parameters:
    ///   - directory: the data folder.
    ///   - path: the new file.
    ///   - bytesPerSecond: how fast to copy at most, so that the daemon's own reads do not wait for the
    ///     disk; `nil` for as fast as it goes.
    ///   - progress: is told now and then which part is done, 0 to 1.
    /// - Throws: `notFound` when there is no database, `conflict` when a newer version wrote it or
    ///   `path` exists, `corrupted`, `io`.
    public static func copy(
        directory: String,
        to path: String,
        bytesPerSecond: Int? = nil,
        progress: @escaping (Double) -> Void = { _ in }
    ) throws(VectorStoreError) {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw VectorStoreError(.conflict, "\(path) exists")
        }
        let source = try ReadOnlyDatabase(path: directory + "/" + DatabaseFile.name)
        let activity = "copying \(directory)"
        try source.read(activity) { db in
            // The snapshot begins with the first read.
            _ = try Row.fetchOne(db, sql: "SELECT count(*) FROM collections")
            let pageByteCount =
                try Row.fetchOne(db, sql: "PRAGMA page_size")?.count(0, "PRAGMA page_size") ?? 4_096
            let start = ContinuousClock.now
            let target = try DatabaseQueue(path: path)
            try target.writeWithoutTransaction { copy in
                try db.backup(to: copy, pagesPerStep: 256) { step in
                    progress(Double(step.completedPageCount) / Double(max(1, step.totalPageCount)))
                    guard let bytesPerSecond else { return }
                    let due = Duration.seconds(
                        Double(step.completedPageCount * pageByteCount) / Double(bytesPerSecond)
                    )
                    let ahead = due - start.duration(to: .now)
                    if ahead > .zero {
                        Thread.sleep(
                            forTimeInterval: Double(ahead.components.seconds)
                                + Double(ahead.components.attoseconds) * 1e-18
                        )
                    }
                }
                // One file: whoever opens it as a store turns the log on again.
                try copy.execute(sql: "PRAGMA journal_mode = DELETE")
            }
            try target.close()
        }
    }

    /// Runs `body` while no daemon has a data folder open, nor can open it.
    ///
    /// - Throws: `conflict` naming the process that has it open, `io`, or what `body` throws.
    public static func whileUnused<Value>(
        directory: String,
        _ body: () throws -> Value
    ) throws -> Value {
        let lock = try DirectoryLock(directory: directory)
        return try withExtendedLifetime(lock) { try body() }
    }
}
