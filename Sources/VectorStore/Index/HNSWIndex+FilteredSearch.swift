import Synchronization

extension HNSWIndex {
    /// Returns the `count` nearest to `query` of the selected vectors, nearest first: by measuring all of
    /// them or by walking the graph, whichever is cheaper (`SearchCosts`).
    ///
    /// A walk passes through nodes that are not selected. When it takes too long to meet selected ones, all
    /// of them are measured after all, so that few hits are never missed for being far.
    ///
    /// - Shapes: `query` holds `dimension` elements.
    /// - Parameters:
    ///   - query: finite values; scaled to unit length here when the metric is cosine.
    ///   - count: how many hits are wanted.
    ///   - expansion: beam width of a walk; the wider of it and `count` is used.
    ///   - selection: what may be a hit; keys that the index does not have are ignored.
    ///   - costs: what the ways cost; `nil` for what was measured.
    /// - Returns: at most `count` hits, fewer only when fewer of the selected are in the index.
    /// - Throws: `VectorStoreError` when vectors are on disk and cannot be read.
    /// - Complexity: at most about twice the scan, O(selection · dimension).
    package func search(
        _ query: [Float],
        count: Int,
        expansion: Int,
        among selection: Selection,
        costs: SearchCosts? = nil
    ) throws(VectorStoreError) -> [Neighbor] {
        let query = prepared(query)
        guard count > 0, selection.count > 0 else { return [] }
        let width = max(expansion, count)
        let way = (costs ?? currentCosts())
            .way(width: width, selected: selection.count, of: self.count)
        return try scratches.withScratch { scratch throws(VectorStoreError) in
            // SAFETY: `query` outlives the calls below, which keep no pointer.
            try unsafe query.withUnsafeBufferPointer { buffer throws(VectorStoreError) in
                guard let query = buffer.baseAddress else { return [] }
                let probe = unsafe probe(for: query, scratch: scratch)
                let walked: CandidateList? =
                    if case .walk(let budget) = way {
                        walk(probe, width, budget, selection, scratch)
                    } else {
                        nil
                    }
                let hits =
                    walked
                    // Codes order roughly: some more than are wanted are measured again.
                    ?? scan(
                        probe,
                        width: max(width, 2 * count + 32),
                        among: selection,
                        scratch: scratch
                    )
                return neighbors(
                    try unsafe rescored(hits, count: count, from: query, scratch: scratch),
                    count: count
                )
            }
        }
    }

    /// The beam of a walk, or `nil` when it was given up.
    private func walk(
        _ probe: Probe,
        _ width: Int,
        _ limit: WalkBudget,
        _ selection: Selection,
        _ scratch: SearchScratch
    ) -> CandidateList? {
        guard let entry = entryPoint else { return nil }
        let walk = LayerWalk(index: self, probe: probe, scratch: scratch)
        let nearest = walk.descend(from: walk.candidate(entry.slot), entry.level, to: 1)
        var budget = limit
        var page = Selection.Page()
        let hits = walk.search(
            from: nearest,
            width: min(width, slotCount.load(ordering: .acquiring)),
            root: entry.slot,
            budget: &budget
        ) { slot in
            nodes.isLive(slot) && selection.contains(nodes.key(of: slot), near: &page)
        }
        return budget.isSpent ? nil : hits
    }

    // MARK: - Costs

    /// What the ways cost: measured at the first filtered search, and again when the index has grown to
    /// twice the size.
    private func currentCosts() -> SearchCosts {
        let slotCount = slotCount.load(ordering: .acquiring)
        if let known = searchCosts.withLock({ $0 }), slotCount < 2 * known.slotCount {
            return known
        }
        let measured = measureCosts()
        searchCosts.withLock { $0 = measured }
        return measured
    }

    /// Times scans of up to 2,048 slots, one in four as a filter leaves them, and walks from the same
    /// places; the fastest of each counts, for the others were disturbed.
    private func measureCosts() -> SearchCosts {
        let slotCount = slotCount.load(ordering: .acquiring)
        var costs = SearchCosts(
            scannedSlot: .infinity,
            expandedNode: .infinity,
            slotCount: slotCount
        )
        let clock = ContinuousClock()
        for round in 0..<Self.measuringCount {
            let first = round * slotCount / Self.measuringCount
            let slots = stride(from: first, to: min(first + 8_192, slotCount), by: 4).map(Slot.init)
            guard let start = slots.first else { continue }
            scratches.withScratch { scratch in
                let probe = probe(for: start, scratch: scratch)
                let selection = Selection(ascending: slots.map { nodes.key(of: $0) }.sorted())
                let scanning = clock.measure {
                    _ = scan(probe, width: 64, among: selection, scratch: scratch)
                }
                costs.scannedSlot = min(
                    costs.scannedSlot,
                    scanning / .nanoseconds(1) / Double(slots.count)
                )
                guard let entry = entryPoint else { return }
                let walk = LayerWalk(index: self, probe: probe, scratch: scratch)
                var budget = WalkBudget.unlimited
                let walking = clock.measure {
                    _ = walk.search(
                        from: walk.candidate(entry.slot),
                        width: min(64, slotCount),
                        root: entry.slot,
                        budget: &budget
                    ) { nodes.isLive($0) }
                }
                costs.expandedNode = min(
                    costs.expandedNode,
                    walking / .nanoseconds(1) / Double(max(1, Int.max - budget.expansions))
                )
            }
        }
        return costs
    }

    private static let measuringCount = 8
}
