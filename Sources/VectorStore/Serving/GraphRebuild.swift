import Foundation
import Kernels

/// Builds a graph in the background while an exact scan serves.
///
/// Thread safety: the work runs on a thread of its own over a snapshot of the scan; the finished
/// graph is handed over on the commit thread, where the writes since the snapshot are applied to it.
struct GraphRebuild: Sendable {
    /// The vectors when the collection was opened.
    let scan: ExactVectors
    /// The graph to fill.
    let graph: HNSWIndex
    let threads: Int

    /// Begins; the collection serves its scan until the graph is adopted.
    func start(for collection: Collection) {
        let thread = Thread { [self] in
            TimeSlice.long.request()
            guard fill(while: { collection.queue.isOpen }) else { return }
            collection.adopt(graph)
        }
        thread.name = "ragd.rebuild"
        thread.start()
    }

    /// Inserts the scan's vectors block by block, and returns whether it came to the end.
    private func fill(while isWanted: () -> Bool) -> Bool {
        for keys in scan.keysByBlock {
            guard isWanted() else { return false }
            let missing = keys.filter { graph.vector(for: $0) == nil }
            let vectors = missing.flatMap { scan.vector(for: $0) ?? [] }
            if !missing.isEmpty { graph.insert(keys: missing, vectors: vectors, threads: threads) }
        }
        return true
    }
}

extension Collection {
    /// Serves a rebuilt graph from the next moment between two writes, and makes it durable.
    func adopt(_ graph: HNSWIndex) {
        queue.schedule(isAlone: true) { [self] _ in
            CommitQueue.Change(()) { [self] in
                index.adopt(graph)
                scheduleCheckpoint()
            }
        } failed: { [self] error in
            // When the store is closing, the next start builds it again. Otherwise the disk failed,
            // which the graph in memory does not need: this is the commit thread, between two writes.
            guard error.code != .closed else { return }
            index.adopt(graph)
            damaged.report { .rebuildFailed(collection: $0, part: .graph, error) }
            scheduleCheckpoint()
        }
    }
}
