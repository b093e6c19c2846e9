import Foundation
import GRDB

/// Reads a database through a connection of its own that cannot write, in one snapshot.
///
/// Nothing is locked, recovered or brought up to date, so it may run beside the daemon that has the
/// folder open: SQLite's readers never wait for its writer, nor the other way round.
struct StoreCheck {
    private let path: String

    /// Told of damage as it is found: the collection's key and what is damaged.
    var note: (Int64, StoredPart, DamageLog.Place, VectorStoreError) -> Void = { _, _, _, _ in }

    /// Checks the database at `path`.
    init(path: String) {
        self.path = path
    }

    /// Reads everything.
    ///
    /// - Throws: `notFound` when there is no database; `corrupted` when it is not ragd's, or so damaged
    ///   that nothing can be read; `conflict` when a newer version wrote it; `io`.
    func report() throws(VectorStoreError) -> StoreReport {
        try ReadOnlyDatabase(path: path).read("checking \(path)") { db in
            var report = StoreReport()
            report.findings += try Self.integrityFindings(db)
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT id, name, configuration, document_count, chunk_count, position
                    FROM collections WHERE name IS NOT NULL ORDER BY name
                    """
            )
            for row in rows {
                let id = try row.integer(0, "collections.id")
                let name = try row.text(1, "collections.name")
                report.collections.append(
                    StoreReport.Collection(
                        name: name,
                        documentCount: try row.count(3, "collections.document_count"),
                        chunkCount: try row.count(4, "collections.chunk_count"),
                        position: try row.integer(5, "collections.position")
                    )
                )
                let check = CollectionCheck(
                    db: db,
                    id: id,
                    configuration: try VectorStore.configuration(row, name: name)
                ) { note(id, $0, $1, $2) }
                report.findings += check.findings().map { "collection \"\(name)\": \($0)" }
            }
            return report
        }
    }

    /// What SQLite's own check of every page, and of references between rows, finds.
    private static func integrityFindings(_ db: Database) throws -> [String] {
        let lines = try Row.fetchAll(db, sql: "PRAGMA integrity_check")
            .map { try $0.text(0, "integrity_check") }
        let orphans = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check")
            .map { "\(try $0.text(0, "foreign_key_check")) has a row that belongs to nothing" }
        return (lines == ["ok"] ? [] : lines) + Set(orphans).sorted()
    }
}

extension VectorStore {
    /// Reads all of a data folder back and says what is wrong: pages, checksums, counts, texts, the
    /// words of the full-text indexes, graphs.
    ///
    /// Changes nothing and takes no lock: a daemon may serve the folder meanwhile, and what it
    /// committed before the check began is what is checked. Blocks the calling thread for as long as
    /// reading the whole file takes.
    ///
    /// - Throws: `notFound` when there is no database; `corrupted` when nothing of it can be read;
    ///   `conflict` when a newer version wrote it; `io`.
    public static func check(directory: String) throws(VectorStoreError) -> StoreReport {
        try StoreCheck(path: directory + "/" + DatabaseFile.name).report()
    }
}
