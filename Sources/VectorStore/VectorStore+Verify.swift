import Foundation
import GRDB
import Synchronization

extension DatabaseFile {
    /// What SQLite's own check of every page finds.
    func integrityFindings() throws(VectorStoreError) -> [String] {
        do throws(VectorStoreError) {
            let lines = try read("checking the database") { db in
                try Row.fetchAll(db, sql: "PRAGMA integrity_check")
                    .map { try $0.text(0, "integrity_check") }
            }
            return lines == ["ok"] ? [] : lines
        } catch  where error.code == .corrupted {
            return [error.message]
        }
    }
}

extension Collection {
    /// What is wrong with this collection, one line a finding.
    func findings() -> [String] {
        let findings =
            collect(countFindings) + collect(textFindings) + collect(blobFindings)
            + collect(checkpointFindings) + collect(lexicalFindings) + collect(graphFindings)
        return findings.map { "collection \"\(configuration.name)\": \($0)" }
    }

    /// What a check finds; that it cannot be made is a finding too.
    private func collect(_ check: () throws -> [String]) -> [String] {
        do {
            return try check()
        } catch {
            return [VectorStoreError(database: error, while: "verifying").message]
        }
    }

    private func countFindings() throws(VectorStoreError) -> [String] {
        try read("counting rows") { db in
            let row = try Row.fetchOne(
                db,
                sql: "SELECT \(CollectionCounts.columns) FROM collections WHERE id = ?",
                arguments: [id]
            )
            guard let row else { return ["its row is missing"] }
            let kept = try CollectionCounts(row, from: 0)
            let counted = try CollectionCounts(recounting: id, db)
            return kept == counted ? [] : ["its counts are \(kept), its rows are \(counted)"]
        }
    }

    private func textFindings() throws(VectorStoreError) -> [String] {
        try read("checking documents") { db in
            let reader = DocumentReader(db, collection: id)
            let rows = try Row.fetchCursor(
                db,
                sql: "SELECT id, chunk_count FROM documents WHERE collection_id = ?",
                arguments: [id]
            )
            var findings: [String] = []
            while let row = try rows.next() {
                do {
                    let document = try reader.document(id: try row.text(0, "documents.id"))
                    let count = try row.count(1, "documents.chunk_count")
                    if document?.chunks.count != count {
                        findings.append("a document of \(count) chunks has others")
                    }
                } catch {
                    findings.append(
                        VectorStoreError(database: error, while: "reading a document").message
                    )
                }
            }
            return findings
        }
    }

    private func blobFindings() throws(VectorStoreError) -> [String] {
        try read("checking vectors") { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT c.key, v.data, t.data FROM chunks c
                    LEFT JOIN vectors v ON v.chunk_key = c.key
                    LEFT JOIN token_codes t ON t.chunk_key = c.key
                    WHERE c.collection_id = ?
                    """,
                arguments: [id]
            )
            var findings: [String] = []
            while let row = try rows.next() {
                let key = try row.integer(0, "chunks.key")
                do {
                    _ = try Self.vector(
                        row,
                        column: 1,
                        key: key,
                        dimension: configuration.dimension
                    )
                    _ = try Self.tokenCodes(row, column: 2, key: key)
                } catch {
                    findings.append(
                        VectorStoreError(database: error, while: "reading chunk \(key)").message
                    )
                }
            }
            return findings
        }
    }

    private func checkpointFindings() throws(VectorStoreError) -> [String] {
        var findings: [String] = []
        if let failure = log.withLock({ $0.checkpointFailure }) {
            findings.append("its last checkpoint was not written: \(failure.message)")
        }
        try read("checking the graph checkpoint") { db in
            let row = try Row.fetchOne(
                db,
                sql: "SELECT checkpoint_position, chunk_count FROM collections WHERE id = ?",
                arguments: [id]
            )
            guard let row else { return }
            let position = try row.integer(0, "collections.checkpoint_position")
            let graph = try GraphCheckpoint.read(db, collection: id, position: position)
            if position > 0, graph == nil {
                findings.append("its graph checkpoint is missing; it is made again in time")
            }
        }
        return findings
    }

    /// FTS5 checks its own structure by a command, which only a writing connection may give.
    private func lexicalFindings() throws(VectorStoreError) -> [String] {
        let name = lexical.name
        do throws(VectorStoreError) {
            try file.write("checking the full-text index") { db in
                try db.execute(sql: "INSERT INTO \(name)(\(name)) VALUES ('integrity-check')")
            }
            return []
        } catch  where error.code == .corrupted {
            return ["its full-text index is damaged: \(error.message)"]
        }
    }

    private func graphFindings() throws(VectorStoreError) -> [String] {
        var findings: [String] = []
        do {
            try index.graph?.checkInvariants()
        } catch {
            findings.append("its graph is damaged: \(error)")
        }
        // The index follows commits a moment later; compare only where nothing came in between.
        for _ in 0..<3 {
            let applied = log.withLock { $0.position }
            let (position, keys) = try read("listing chunks") { db in
                (
                    try Row.fetchOne(
                        db,
                        sql: "SELECT position FROM collections WHERE id = ?",
                        arguments: [id]
                    )?.integer(0, "collections.position"),
                    try Row.fetchAll(
                        db,
                        sql: "SELECT key FROM chunks WHERE collection_id = ?",
                        arguments: [id]
                    ).map { try $0.integer(0, "chunks.key") }
                )
            }
            let missing = keys.count { index.vector(for: $0) == nil }
            let count = index.count
            guard position == applied, log.withLock({ $0.position }) == applied else { continue }
            if missing > 0 || count != keys.count {
                findings.append(
                    "its index has \(count) chunks of \(keys.count), \(missing) are missing"
                )
            }
            break
        }
        return findings
    }
}
