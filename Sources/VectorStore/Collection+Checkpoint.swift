import GRDB
import Synchronization

extension Collection {
    /// Writes graph and full-text index behind everything committed so far, without anybody waiting for it.
    func scheduleCheckpoint() {
        queue.schedule(isAlone: true) { [self] db in
            try writeCheckpoint(db)
        } failed: { [self] error in
            log.withLock { log in
                log.isCheckpointScheduled = false
                log.checkpointFailure = error
                // Not before as many changes again: a full disk should not be asked at every write.
                log.changesSinceCheckpoint = 0
            }
            damaged.report { .checkpointFailed(collection: $0, error) }
        }
    }

    /// Writes the indexes when they have changed, and returns when that is done or has failed: the next
    /// start then replays or rebuilds it.
    func checkpointBeforeClosing() async {
        guard log.withLock({ $0.changesSinceCheckpoint > 0 && !$0.isDropped }) else { return }
        do throws(VectorStoreError) {
            try await queue.perform(isAlone: true) { [self] db in
                try writeCheckpoint(db)
            }
        } catch {
            log.withLock { $0.checkpointFailure = error }
            damaged.report { .checkpointFailed(collection: $0, error) }
        }
    }

    /// In a transaction of its own, on the commit thread: the indexes hold every committed write.
    private func writeCheckpoint(_ db: Database) throws -> CommitQueue.Change<Void> {
        var isWritten = false
        if index.graph.isComplete, log.withLock({ !$0.isDropped }) {
            try GraphCheckpoint.write(db, collection: id, graph: index.graph.encodeGraph())
            isWritten = true
        }
        let hasWords = try writeLexicalCheckpoint(db)
        return CommitQueue.Change(()) { [self, isWritten] in
            if isWritten { damaged.settle(.graph, at: .collection) }
            if hasWords { damaged.settle(.textIndex, at: .collection) }
            let recall = measuredSelfRecall()
            log.withLock { log in
                log.selfRecall = recall
                log.isCheckpointScheduled = false
                log.changesSinceCheckpoint = 0
                log.checkpointFailure = nil
            }
        }
    }

    /// Some milliseconds' worth of searches, whenever the index has changed by a checkpoint's worth.
    private func measuredSelfRecall() -> Double? {
        // What cannot be read now has been noted where it was met.
        (try? index.graph.selfRecall(sampleCount: 64, expansion: Self.expansionDefault)) ?? nil
    }

    /// Packs the full-text index and writes it; returns whether there was one.
    private func writeLexicalCheckpoint(_ db: Database) throws -> Bool {
        guard !log.withLock({ $0.isDropped }), let state = lexical.pack() else { return false }
        let image = LexicalImage(
            state,
            analysis: TextAnalyzer.fingerprint(configuration.textLanguage)
        )
        try LexicalCheckpoint.write(db, collection: id, image: image.encoded())
        return true
    }
}
