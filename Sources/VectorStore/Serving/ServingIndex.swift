/// What answers a collection's vector searches: walks through the graph, or scans where they are cheaper
/// or the graph is not complete.
///
/// Thread safety: searches run on the index, which admits readers beside its writers. `apply` is for the
/// commit thread, or the opening one before the collection is shared.
final class ServingIndex: Sendable {
    let graph: HNSWIndex
    private let buildThreads: Int

    /// Serves `graph`, complete or not.
    init(graph: HNSWIndex, buildThreads: Int) {
        self.graph = graph
        self.buildThreads = buildThreads
    }

    // MARK: - Reading

    var indexState: CollectionStatistics.IndexState { graph.isComplete ? .graph : .rebuilding }

    var count: Int { graph.count }

    var byteCount: Int { graph.byteCount }

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
        if exact {
            return try graph.exactSearch(query, count: count, among: selection)
        }
        guard graph.isComplete else {
            return try graph.codeSearch(query, count: count, width: expansion, among: selection)
        }
        guard let selection else {
            return try graph.search(query, count: count, expansion: expansion)
        }
        return try graph.search(query, count: count, expansion: expansion, among: selection)
    }

    // MARK: - Writing

    /// Follows a committed write.
    func apply(_ change: CollectionTransaction.IndexChange) {
        // New keys are new, unless the file is damaged: then the later row counts.
        graph.remove(keys: change.removed + change.keys, threads: buildThreads)
        if !change.keys.isEmpty {
            graph.insert(keys: change.keys, vectors: change.vectors, threads: buildThreads)
        }
    }

    /// Links some of what is staged, and returns whether there is more.
    func linkStaged(threads: Int) -> Bool {
        graph.linkStaged(threads: threads)
    }
}
