import GRDB
import Synchronization

extension Collection {
    /// What is wrong with the index in memory, one line a finding.
    func indexFindings() -> [String] {
        let findings: [String]
        do throws(VectorStoreError) {
            findings = try compareIndex()
        } catch {
            findings = [error.message]
        }
        return findings.map { "collection \"\(configuration.name)\": \($0)" }
    }

    /// Takes note of damage that a check of the file found.
    func noteDamage(_ part: StoredPart, at place: DamageLog.Place, _ reason: VectorStoreError) {
        switch part {
        case .textIndex: noteDamagedTextIndex(reason)
        case .graph:
            damaged.note(part, at: place, reason)
            scheduleCheckpoint()
        case .text, .vector, .tokenCodes: damaged.note(part, at: place, reason)
        }
    }

    private func compareIndex() throws(VectorStoreError) -> [String] {
        var findings: [String] = []
        if let failure = log.withLock({ $0.checkpointFailure }) {
            findings.append("its last checkpoint was not written: \(failure.message)")
        }
        do {
            try index.graph.checkInvariants()
        } catch {
            findings.append("its graph is damaged: \(error)")
        }
        // The indexes follow commits a moment later; compare only where nothing came in between.
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
            let missing = keys.count { !index.graph.contains($0) }
            let count = index.count
            let wordless = keys.count { !lexical.contains($0) }
            let lexicalCount = lexical.count
            let hasTexts = lexical.isWhole && !damaged.isDamaged(.text)
            guard position == applied, log.withLock({ $0.position }) == applied else { continue }
            if missing > 0 || count != keys.count {
                findings.append(
                    "its index has \(count) chunks of \(keys.count), \(missing) are missing"
                )
            }
            if hasTexts, wordless > 0 || lexicalCount != keys.count {
                findings.append(
                    "its full-text index has \(lexicalCount) chunks of \(keys.count), "
                        + "\(wordless) are missing"
                )
            }
            break
        }
        return findings
    }
}
