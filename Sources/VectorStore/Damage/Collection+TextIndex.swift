import GRDB
import Synchronization

extension Collection {
    /// Searches the texts themselves while their index is damaged: exact, and slower by the time it
    /// takes to index the collection.
    func searchWithoutTextIndex(
        _ text: String,
        count: Int,
        selection: Selection?
    ) throws(VectorStoreError) -> [ChunkHit] {
        do {
            // A database without a name lives in memory and, where that is short, in a temporary file.
            let scratch = try DatabaseQueue(path: "")
            return try read("reading texts to search") { db in
                try scratch.write { index in
                    try lexical.create(index)
                    try forEachText(db) { key, title, text in
                        try lexical.insert(index, key: key, title: title, text: text)
                    }
                    // Every word counts here: which are common is cached for the stored index.
                    return try lexical.search(
                        index,
                        text,
                        count: count,
                        selection: selection,
                        rowCount: 0
                    )
                }
            }
        } catch {
            throw VectorStoreError(database: error, while: "searching the text without its index")
        }
    }

    /// Remembers that the full-text index is damaged, and has it made again.
    func noteDamagedTextIndex(_ reason: VectorStoreError) {
        damaged.note(.textIndex, at: .collection, reason)
        let isDue = log.withLock { log in
            defer { log.isTextIndexRebuildScheduled = true }
            return !log.isTextIndexRebuildScheduled && !log.isDropped
        }
        guard isDue else { return }
        queue.schedule(isAlone: true) { [self] db in
            try rebuildTextIndex(db)
        } failed: { [self] error in
            log.withLock { $0.isTextIndexRebuildScheduled = false }
            damaged.report {
                .rebuildFailed(collection: $0, part: .textIndex, error)
            }
        }
    }

    /// Makes the full-text index again when a check finds it damaged.
    ///
    /// - Returns: whether it was, and is whole now.
    func repairTextIndex() async throws(VectorStoreError) -> Bool {
        try await queue.perform(isAlone: true) { [self] db in
            do {
                try lexical.check(db)
                return CommitQueue.Change(false)
            } catch {
                damaged.note(
                    .textIndex,
                    at: .collection,
                    VectorStoreError(database: error, while: "checking the full-text index")
                )
            }
            let change = try rebuildTextIndex(db)
            return CommitQueue.Change(true, apply: change.apply)
        }
    }

    /// Makes the full-text index from the texts, in a transaction of its own: writes wait, searches
    /// do not.
    func rebuildTextIndex(_ db: Database) throws -> CommitQueue.Change<Void> {
        if !log.withLock({ $0.isDropped }) {
            try lexical.clear(db)
            try forEachText(db) { key, title, text in
                try lexical.insert(db, key: key, title: title, text: text)
            }
        }
        return CommitQueue.Change(()) { [self] in
            log.withLock { $0.isTextIndexRebuildScheduled = false }
            damaged.settle(.textIndex, at: .collection)
        }
    }

    /// Calls `body` with each chunk's title and text; texts that are damaged are noted and left out.
    private func forEachText(
        _ db: Database,
        _ body: (ChunkKey, String?, String) throws -> Void
    ) throws {
        try ChunkTexts(db, collection: id).forEach(body) { document, reason in
            damaged.note(.text, at: .document(document), reason)
        }
    }
}
