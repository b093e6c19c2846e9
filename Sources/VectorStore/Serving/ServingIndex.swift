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
            return try graph.exactSearch(query, count: count, among: selection?.keys)
        }
        guard graph.isComplete, !isScanCheaper(selection, expansion) else {
            return try graph.codeSearch(
                query,
                count: count,
                width: expansion,
                among: selection?.keys
            )
        }
        guard let selection else {
            return try graph.search(query, count: count, expansion: expansion)
        }
        return try graph.search(query, count: count, expansion: expansion) {
            selection.contains($0)
        }
    }

    /// Whether measuring every selected vector costs less than a graph search that has to pass
    /// through those that are not selected.
    ///
    /// The search fills a beam of `ef` from a graph in which one node in `n / k` counts, so it
    /// expands about `ef · n / k` nodes of `M` new neighbours each; the scan measures `k`. They break
    /// even at `k² = ef · M · n`: 10,000 of 100,000 at the defaults.
    private func isScanCheaper(_ selection: Selection?, _ expansion: Int) -> Bool {
        guard let selection else { return false }
        let k = Double(selection.count)
        let connectivity = Double(graph.parameters.connectivity)
        return k * k <= Double(expansion) * connectivity * Double(graph.count)
    }

    // MARK: - Writing

    /// Follows a committed write.
    func apply(_ change: CollectionTransaction.IndexChange) {
        // New keys are new, unless the file is damaged: then the later row counts.
        for key in change.removed + change.keys {
            _ = graph.remove(key: key)
        }
        if !change.keys.isEmpty {
            graph.insert(keys: change.keys, vectors: change.vectors, threads: buildThreads)
        }
    }

    /// Links some of what is staged, and returns whether there is more.
    func linkStaged(threads: Int) -> Bool {
        graph.linkStaged(threads: threads)
    }
}
