import Foundation
import GRDB

/// What is wrong with the stored rows of one collection.
struct CollectionCheck {
    let db: Database
    let id: Int64
    let configuration: CollectionConfiguration
    /// Told of damage as it is found.
    let note: (StoredPart, DamageLog.Place, VectorStoreError) -> Void

    init(
        db: Database,
        id: Int64,
        configuration: CollectionConfiguration,
        note: @escaping (StoredPart, DamageLog.Place, VectorStoreError) -> Void
    ) {
        self.db = db
        self.id = id
        self.configuration = configuration
        self.note = note
    }

    /// One line a finding.
    func findings() -> [String] {
        collect(countFindings) + collect(documentFindings) + collect(embeddingFindings)
            + collect(checkpointFindings) + collect(textIndexFindings)
    }

    /// What a check finds; that it cannot be made is a finding too.
    private func collect(_ check: () throws -> [String]) -> [String] {
        do {
            return try check()
        } catch {
            return [VectorStoreError(database: error, while: "verifying").message]
        }
    }

    private func countFindings() throws -> [String] {
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

    // MARK: - Documents

    private func documentFindings() throws -> [String] {
        let reader = DocumentReader(db, collection: id)
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT key, id, chunk_count FROM documents WHERE collection_id = ?",
            arguments: [id]
        )
        var findings: [String] = []
        while let row = try rows.next() {
            let key = try row.integer(0, "documents.key")
            do {
                let document = try reader.document(id: try row.text(1, "documents.id"))
                let count = try row.count(2, "documents.chunk_count")
                if document?.chunks.count != count {
                    findings.append("document \(key) of \(count) chunks has others")
                }
                let metadata = try MetadataRows(document?.summary.metadata ?? [:])
                if try !metadata.areStored(db, collection: id, document: key) {
                    findings.append("the filter rows of document \(key) are not its metadata's")
                }
            } catch {
                let error = VectorStoreError(database: error, while: "reading document \(key)")
                note(.text, .document(key), error)
                findings.append(error.message)
            }
        }
        return findings
    }

    private func embeddingFindings() throws -> [String] {
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
            var part = StoredPart.vector
            do {
                _ = try Collection.vector(
                    row,
                    column: 1,
                    key: key,
                    dimension: configuration.dimension
                )
                part = .tokenCodes
                _ = try Collection.tokenCodes(row, column: 2, key: key)
            } catch {
                let error = VectorStoreError(database: error, while: "reading chunk \(key)")
                note(part, .chunk(key), error)
                findings.append(error.message)
            }
        }
        return findings
    }

    // MARK: - Indexes

    /// The stored graph against the rows that it was made of.
    private func checkpointFindings() throws -> [String] {
        let row = try Row.fetchOne(
            db,
            sql: "SELECT checkpoint_position FROM collections WHERE id = ?",
            arguments: [id]
        )
        guard let position = try row?.integer(0, "collections.checkpoint_position"), position > 0
        else { return [] }
        let image: GraphImage
        do {
            guard
                let bytes = try GraphCheckpoint.read(db, collection: id, position: position)
            else { throw VectorStoreError.corrupted("its graph checkpoint is missing") }
            image = try GraphImage(decoding: bytes)
        } catch {
            let error = VectorStoreError(database: error, while: "reading the graph")
            note(.graph, .collection, error)
            return [error.message]
        }
        let live = Set(zip(image.keys, image.isDead).filter { !$0.1 }.map(\.0))
        let covered = try keys(
            "SELECT key FROM chunks WHERE collection_id = ? AND position <= ?",
            position
        )
        let gone = try keys(
            "SELECT chunk_key FROM tombstones WHERE collection_id = ? AND position > ?",
            position
        )
        let missing = covered.subtracting(live)
        let surplus = live.subtracting(covered).subtracting(gone)
        guard missing.isEmpty, surplus.isEmpty else {
            return [
                "its graph checkpoint lacks \(missing.count) chunks and has \(surplus.count) that do "
                    + "not exist; a start mends it"
            ]
        }
        return []
    }

    private func keys(_ sql: String, _ position: Int64) throws -> Set<ChunkKey> {
        let rows = try Row.fetchCursor(db, sql: sql, arguments: [id, position])
        var keys: Set<ChunkKey> = []
        while let row = try rows.next() { keys.insert(try row.integer(0, "a chunk's key")) }
        return keys
    }

    private func textIndexFindings() throws -> [String] {
        do {
            try TextIndexCheck(
                db: db,
                collection: id,
                language: configuration.textLanguage
            ).compare()
            return []
        } catch {
            let error = VectorStoreError(database: error, while: "checking the full-text index")
            note(.textIndex, .collection, error)
            return ["its full-text index is damaged: \(error.message)"]
        }
    }
}
