import Foundation
import GRDB
import Kernels

/// Makes a collection's index anew beside the one that serves, and puts it in its place: with other
/// parameters, or without the room that removed chunks left.
///
///     commit thread   begin ────── stage ── stage ── stage ────── swap, store the graph
///     this thread            read ↗  link  ↗  link  ↗  link    ↗
///     writes          each is applied to both indexes from `begin` on
///
/// Thread safety: a thread of its own; all that touches the collection's state runs on the commit thread,
/// between two writes.
struct IndexReplacement: Sendable {
    let collection: Collection
    let parameters: HNSWParameters
    let threads: Int

    /// Chunks that are read and staged at once.
    private static let batchCount = 1_000

    /// Begins; `done` is called at the end, whether or not the index was put in place, with whether that
    /// failed.
    func start(done: @escaping @Sendable (_ hasFailed: Bool) -> Void) {
        let thread = Thread { [self] in
            TimeSlice.long.request()
            var hasFailed = false
            do throws(VectorStoreError) {
                try run()
            } catch  where error.code == .closed {
                // The next start begins again when it was asked for.
            } catch {
                hasFailed = true
                collection.damaged.report {
                    .rebuildFailed(collection: $0, part: .graph, error)
                }
            }
            collection.index.dropSuccessor()
            done(hasFailed)
        }
        thread.name = "ragd.reindex"
        thread.start()
    }

    private func run() throws(VectorStoreError) {
        let successor = collection.emptyIndex(parameters)
        let purpose = "making the index of collection \"\(collection.configuration.name)\" anew"
        let growth = successor.growth(by: collection.index.count)
        try collection.budget.promise(growth, purpose)
        defer {
            collection.budget.settle(
                growth,
                collection: collection.id,
                holds: collection.memoryByteCount
            )
        }
        try onCommitThread { _ in
            CommitQueue.Change(()) { collection.index.begin(successor) }
        }
        var last = ChunkKey.min
        while collection.wantsIndex(parameters) {
            let batch = try read(after: last)
            guard let end = batch.last?.key else { return try finish(successor) }
            last = end
            try onCommitThread { _ in
                CommitQueue.Change(()) { stage(batch, successor) }
            }
            while collection.queue.isOpen, successor.linkStaged(threads: threads) {}
        }
    }

    private func read(
        after last: ChunkKey
    ) throws(VectorStoreError) -> [(key: ChunkKey, vector: [Float])] {
        try collection.file.read("reading vectors") { db in
            var batch: [(key: ChunkKey, vector: [Float])] = []
            try VectorRows(
                db,
                collection: collection.id,
                dimension: collection.configuration.dimension,
                damaged: collection.damaged
            ).read(after: last, limit: Self.batchCount) { batch.append(($0, $1)) }
            return batch
        }
    }

    /// Between two writes, so that nothing is staged that was removed meanwhile, nor twice.
    private func stage(_ batch: [(key: ChunkKey, vector: [Float])], _ successor: HNSWIndex) {
        let present = collection.index.graph
        let missing = batch.filter { present.contains($0.key) && !successor.contains($0.key) }
        successor.stage(keys: missing.map(\.key), vectors: missing.flatMap(\.vector))
    }

    private func finish(_ successor: HNSWIndex) throws(VectorStoreError) {
        try onCommitThread { db in
            guard collection.wantsIndex(parameters) else { return CommitQueue.Change(()) }
            // Of the last writes.
            while successor.linkStaged(threads: threads) {}
            var configuration = collection.configuration
            configuration.index = parameters
            configuration.pendingIndex = nil
            try VectorStore.write(configuration, of: collection.id, db)
            try GraphCheckpoint.write(
                db,
                collection: collection.id,
                graph: successor.encodeGraph()
            )
            return CommitQueue.Change(()) { [configuration] in
                collection.index.adoptSuccessor()
                collection.replaceConfiguration(configuration)
            }
        }
    }

    /// Runs `body` as a transaction of its own, and waits.
    private func onCommitThread(
        _ body: @escaping @Sendable (Database) throws -> CommitQueue.Change<Void>
    ) throws(VectorStoreError) {
        let outcome = Outcome()
        collection.queue.schedule(isAlone: true) { db in
            let change = try body(db)
            return CommitQueue.Change(()) {
                change.apply()
                outcome.set(nil)
            }
        } failed: {
            outcome.set($0)
        }
        if let error = outcome.wait() { throw error }
    }
}

/// What became of something that another thread does.
///
/// Thread safety: `condition` guards `result`.
private final class Outcome: @unchecked Sendable {
    private let condition = NSCondition()
    private var result: VectorStoreError??

    func set(_ error: VectorStoreError?) {
        condition.lock()
        result = .some(error)
        condition.signal()
        condition.unlock()
    }

    func wait() -> VectorStoreError? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let result { return result }
            condition.wait()
        }
    }
}
