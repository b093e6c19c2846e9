import Foundation
import GRDB

/// Makes a collection's full-text index in the background while searches read the texts.
///
/// Thread safety: the work runs on a thread of its own over a snapshot of the database; the index is
/// handed over on the commit thread, where the writes since are applied to it.
struct LexicalRebuild: Sendable {
    let collection: Collection

    /// Begins; the index in memory is one in the making.
    func start() {
        let thread = Thread { run() }
        thread.name = "ragd.words"
        thread.start()
    }

    private func run() {
        let collection = collection
        do throws(VectorStoreError) {
            let (state, position) = try collection.file.read("making the full-text index") { db in
                let row = try Row.fetchOne(
                    db,
                    sql: "SELECT position FROM collections WHERE id = ?",
                    arguments: [collection.id]
                )
                let position = try row?.integer(0, "collections.position") ?? 0
                let state = try collection.lexicalLoader.build(db) { collection.queue.isOpen }
                return (state, position)
            }
            collection.adopt(state, through: position)
        } catch {
            guard error.code != .closed else { return }
            // The next start tries again; until then searches read the texts.
            let reason = error
            collection.damaged.report {
                .rebuildFailed(collection: $0, part: .textIndex, reason)
            }
        }
    }
}

extension Collection {
    var lexicalLoader: LexicalLoader {
        LexicalLoader(id: id, language: configuration.textLanguage, damaged: damaged)
    }

    /// Answers from a full-text index from the next moment between two writes, and makes it durable.
    fileprivate func adopt(_ state: LexicalState, through position: Int64) {
        queue.schedule(isAlone: true) { [self] _ in
            CommitQueue.Change(()) { [self] in
                lexical.adopt(state, through: position)
                scheduleCheckpoint()
            }
        } failed: { [self] error in
            // When the store is closing, the next start makes it again. Otherwise the disk failed,
            // which the index in memory does not need: this is the commit thread, between two writes.
            guard error.code != .closed else { return }
            lexical.adopt(state, through: position)
            scheduleCheckpoint()
        }
    }
}
