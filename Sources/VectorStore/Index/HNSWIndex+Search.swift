import Synchronization

extension HNSWIndex {
    /// Returns the `count` stored vectors nearest to `query`, nearest first.
    ///
    /// Descends greedily from the entry point to layer 1, then runs a beam search on layer 0:
    /// Algorithms 5 and 2 of Malkov and Yashunin (arXiv:1603.09320). With codes, the first of the
    /// beam are measured again from the vectors: distances are exact in either case.
    ///
    /// - Shapes: `query` holds `dimension` elements.
    /// - Parameters:
    ///   - query: finite values; scaled to unit length here when the metric is cosine.
    ///   - count: how many hits are wanted.
    ///   - expansion: beam width (`ef` in the paper). A beam narrower than `count` could not hold
    ///     the hits: the wider of the two is used.
    ///   - accept: which keys may be hits, nil for all. Called for the nodes near enough to be one;
    ///     the search also walks through nodes that it rejects. With few acceptable keys this visits
    ///     most of the graph, and `exactSearch(_:count:among:)` is the better call.
    /// - Returns: at most `count` hits, fewer only when fewer acceptable live vectors exist.
    /// - Throws: `VectorStoreError` when vectors are on disk and cannot be read.
    /// - Complexity: about O(expansion · M · log n) distance evaluations; O(n) at worst.
    package func search(
        _ query: [Float],
        count: Int,
        expansion: Int,
        accept: ((ChunkKey) -> Bool)? = nil
    ) throws(VectorStoreError) -> [Neighbor] {
        let query = prepared(query)
        guard count > 0 else { return [] }
        return try scratches.withScratch { scratch throws(VectorStoreError) in
            guard let entry = entryPoint else { return [] }
            let slotCount = slotCount.load(ordering: .acquiring)
            // SAFETY: `query` outlives the calls below, which keep no pointer.
            return try unsafe query.withUnsafeBufferPointer { buffer throws(VectorStoreError) in
                guard let query = buffer.baseAddress else { return [] }
                let probe = unsafe probe(for: query, scratch: scratch)
                let walk = LayerWalk(index: self, probe: probe, scratch: scratch)
                let nearest = walk.descend(from: walk.candidate(entry.slot), entry.level, to: 1)
                let width = min(max(expansion, count), slotCount)
                var budget = WalkBudget.unlimited
                let hits =
                    if accept == nil, deadCount.load(ordering: .relaxed) == 0 {
                        walk.search(layer: 0, from: nearest, width: width, root: entry.slot)
                    } else {
                        walk.search(
                            from: nearest,
                            width: width,
                            root: entry.slot,
                            budget: &budget
                        ) { slot in
                            nodes.isLive(slot) && accept?(nodes.key(of: slot)) ?? true
                        }
                    }
                return neighbors(
                    try unsafe rescored(hits, count: count, from: query, scratch: scratch),
                    count: count
                )
            }
        }
    }

    /// The first `count` candidates as hits.
    func neighbors(_ hits: CandidateList, count: Int) -> [Neighbor] {
        (0..<min(count, hits.count)).map { index in
            Neighbor(key: nodes.key(of: hits[index].slot), distance: hits[index].distance)
        }
    }
}
