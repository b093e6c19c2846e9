import Synchronization

/// What answers a collection's vector searches: walks through the graph, or scans where they are cheaper
/// or the graph is not complete.
///
/// Thread safety: `state` is behind a lock that is held to copy a reference only. Searches run on the index,
/// which admits readers beside its writers. What changes it is for the commit thread, or the opening one
/// before the collection is shared.
final class ServingIndex: Sendable {
    private struct State {
        var graph: HNSWIndex
        /// What is to take its place, and follows every write until then.
        var successor: HNSWIndex?
    }

    private let state: Mutex<State>
    private let buildThreads: Int

    /// Serves `graph`, complete or not.
    init(graph: HNSWIndex, buildThreads: Int) {
        state = Mutex(State(graph: graph))
        self.buildThreads = buildThreads
    }

    /// The index that serves.
    var graph: HNSWIndex { state.withLock { $0.graph } }

    // MARK: - Reading

    var indexState: CollectionStatistics.IndexState { graph.isComplete ? .graph : .rebuilding }

    var count: Int { graph.count }

    var byteCounts: IndexByteCounts { graph.byteCounts }

    /// The nearest among the selected, by the cheapest way that finds them.
    ///
    /// - Throws: `VectorStoreError` when vectors are on disk and cannot be read.
    func search(
        _ query: [Float],
        count: Int,
        expansion: Int,
        exact: Bool,
        selection: Selection?
    ) throws(VectorStoreError) -> [Neighbor] {
        let graph = graph
        if exact {
            return try graph.exactSearch(query, count: count, among: selection)
        }
        guard graph.isComplete else {
            // Exact where that reads nothing from disk.
            return graph.source == nil
                ? try graph.exactSearch(query, count: count, among: selection)
                : try graph.codeSearch(
                    query,
                    count: count,
                    width: max(expansion, Self.codeSearchWidth),
                    among: selection
                )
        }
        guard let selection else {
            return try graph.search(query, count: count, expansion: expansion)
        }
        return try graph.search(query, count: count, expansion: expansion, among: selection)
    }

    /// Codes that are kept until their vectors are read: so many that what codes get wrong does not matter.
    private static let codeSearchWidth = 256

    // MARK: - Writing

    /// Follows a committed write.
    func apply(_ change: CollectionTransaction.IndexChange) {
        let (graph, successor) = state.withLock { ($0.graph, $0.successor) }
        // New keys are new, unless the file is damaged: then the later row counts.
        let removed = change.removed + change.keys
        graph.remove(keys: removed, threads: buildThreads)
        graph.insert(keys: change.keys, vectors: change.vectors, threads: buildThreads)
        successor?.remove(keys: removed, threads: buildThreads)
        successor?.stage(keys: change.keys, vectors: change.vectors)
    }

    /// Has another index follow every write from now on.
    func begin(_ successor: HNSWIndex) {
        state.withLock { $0.successor = successor }
    }

    /// Serves the index that was begun, which has everything by now.
    func adoptSuccessor() {
        state.withLock { state in
            guard let successor = state.successor else { return }
            state = State(graph: successor)
        }
    }

    /// Forgets the index that was begun.
    func dropSuccessor() {
        state.withLock { $0.successor = nil }
    }

    /// How much of what serves the index that was begun has linked, 0 to 1.
    var successorProgress: Double? {
        let (graph, successor) = state.withLock { ($0.graph, $0.successor) }
        return successor.map { successor in
            let linked = successor.count - successor.stagedKeyCount
            return min(1, Double(linked) / Double(max(1, graph.count)))
        }
    }

    /// Links some of what is staged, and returns whether there is more.
    func linkStaged(threads: Int) -> Bool {
        graph.linkStaged(threads: threads)
    }
}
