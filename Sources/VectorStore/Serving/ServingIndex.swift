import Synchronization

/// What answers a collection's vector searches: the graph, or an exact scan until there is one.
///
/// Thread safety: `state` says which, under a lock that is held only to copy a reference or a value.
/// Searches then run on the graph, which admits readers beside its writer, or on a snapshot of the
/// scan. `apply` and `adopt` are the writer: the commit thread calls them, or the opening one before
/// the collection is shared.
final class ServingIndex: Sendable {
    /// What is being served.
    private enum State {
        case graph(HNSWIndex)
        /// With the changes that the graph in the making has not seen.
        case scan(ExactVectors, backlog: [CollectionTransaction.IndexChange])
    }

    private let state: Mutex<State>
    private let buildThreads: Int

    /// Serves `graph`.
    init(graph: HNSWIndex, buildThreads: Int) {
        state = Mutex(.graph(graph))
        self.buildThreads = buildThreads
    }

    /// Serves an exact scan until `adopt` brings a graph.
    init(scan: ExactVectors, buildThreads: Int) {
        state = Mutex(.scan(scan, backlog: []))
        self.buildThreads = buildThreads
    }

    // MARK: - Reading

    var indexState: CollectionStatistics.IndexState {
        state.withLock { state in
            switch state {
            case .graph: .graph
            case .scan: .rebuilding
            }
        }
    }

    var count: Int {
        switch serving {
        case .graph(let graph): graph.count
        case .scan(let scan): scan.count
        }
    }

    var byteCount: Int {
        switch serving {
        case .graph(let graph): graph.byteCount
        case .scan(let scan): scan.byteCount
        }
    }

    /// The graph, unless a scan is being served.
    var graph: HNSWIndex? {
        guard case .graph(let graph) = serving else { return nil }
        return graph
    }

    func vector(for key: ChunkKey) -> [Float]? {
        switch serving {
        case .graph(let graph): graph.vector(for: key)
        case .scan(let scan): scan.vector(for: key)
        }
    }

    /// The nearest among the selected, by the cheapest way that finds them.
    func search(
        _ query: [Float],
        count: Int,
        expansion: Int,
        exact: Bool,
        selection: Selection?
    ) -> [Neighbor] {
        switch serving {
        case .scan(let scan):
            return scan.search(query, count: count) { selection?.contains($0) ?? true }
        case .graph(let graph):
            guard let selection else {
                return exact
                    ? graph.exactSearch(query, count: count, among: nil)
                    : graph.search(query, count: count, expansion: expansion, accept: nil)
            }
            if exact || Self.isScanCheaper(selection.count, expansion, graph) {
                return graph.exactSearch(query, count: count, among: selection.keys)
            }
            return graph.search(query, count: count, expansion: expansion) {
                selection.contains($0)
            }
        }
    }

    /// Whether measuring every selected vector costs less than a graph search that has to pass
    /// through those that are not selected.
    ///
    /// The search fills a beam of `ef` from a graph in which one node in `n / k` counts, so it
    /// expands about `ef · n / k` nodes of `M` new neighbours each; the scan measures `k`. They break
    /// even at `k² = ef · M · n`: 10,000 of 100,000 at the defaults.
    private static func isScanCheaper(
        _ selected: Int,
        _ expansion: Int,
        _ graph: HNSWIndex
    ) -> Bool {
        let k = Double(selected)
        let connectivity = Double(graph.parameters.connectivity)
        return k * k <= Double(expansion) * connectivity * Double(graph.count)
    }

    private enum Serving {
        case graph(HNSWIndex)
        case scan(ExactVectors)
    }

    private var serving: Serving {
        state.withLock { state in
            switch state {
            case .graph(let graph): .graph(graph)
            case .scan(let scan, _): .scan(scan)
            }
        }
    }

    // MARK: - Writing

    /// Follows a committed write.
    func apply(_ change: CollectionTransaction.IndexChange) {
        let graph: HNSWIndex? = state.withLock { state in
            switch state {
            case .graph(let graph):
                return graph
            case .scan(var scan, var backlog):
                // Given up for the moment, so that the blocks are not copied for nothing.
                state = .scan(
                    ExactVectors(dimension: scan.dimension, metric: scan.metric),
                    backlog: []
                )
                scan.apply(change)
                backlog.append(change)
                state = .scan(scan, backlog: backlog)
                return nil
            }
        }
        graph?.apply(change, threads: buildThreads)
    }

    /// Serves `graph`, which holds what the scan held when it began to be built, from now on.
    func adopt(_ graph: HNSWIndex) {
        let backlog: [CollectionTransaction.IndexChange] = state.withLock { state in
            guard case .scan(_, let backlog) = state else { return [] }
            return backlog
        }
        for change in backlog {
            graph.apply(change, threads: buildThreads)
        }
        state.withLock { $0 = .graph(graph) }
    }
}

extension ExactVectors {
    fileprivate mutating func apply(_ change: CollectionTransaction.IndexChange) {
        for key in change.removed {
            remove(key)
        }
        insert(change.keys, change.vectors)
    }
}

extension HNSWIndex {
    /// Follows a committed write.
    func apply(_ change: CollectionTransaction.IndexChange, threads: Int) {
        // New keys are new, unless the file is damaged: then the later row counts.
        for key in change.removed + change.keys {
            _ = remove(key: key)
        }
        if !change.keys.isEmpty {
            insert(keys: change.keys, vectors: change.vectors, threads: threads)
        }
    }
}
