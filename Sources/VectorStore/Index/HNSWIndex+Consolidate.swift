import Synchronization

extension HNSWIndex {
    /// Unlinks all tombstones: every live node that names some is linked to their neighbours in
    /// their place (FreshDiskANN, arXiv:2105.09613, Algorithm 4), then the tree is built anew.
    ///
    /// Searches go on meanwhile. They may miss nodes between the first change and the last, never
    /// after; the vectors of the tombstones are not looked at.
    func consolidate(_ state: inout WriterState) {
        guard !state.deadSlots.isEmpty else { return }
        scratches.withScratch { scratch in
            for slot in 0..<Slot(slotCount.load(ordering: .relaxed)) where nodes.isLive(slot) {
                for layer in 0...nodes.level(of: slot) {
                    bypassTombstones(of: slot, layer: layer, scratch: scratch)
                }
            }
            replaceEntryPoint()
            rebuildTree(scratch: scratch)
        }
        for slot in state.deadSlots {
            nodes.setState(of: slot, to: .free)
            nodes.setParent(of: slot, to: NodeTable.noParent)
        }
        deadCount.subtract(state.deadSlots.count, ordering: .releasing)
        state.retiredSlots.append((epoch: scratches.closeEpoch(), slots: state.deadSlots))
        state.deadSlots = []
    }

    /// Replaces a row's tombstones by the best of their live neighbours.
    private func bypassTombstones(of slot: Slot, layer: Int, scratch: SearchScratch) {
        let row = row(slot, layer: layer)
        let links = row.slots
        guard links.contains(where: { !nodes.isLive($0) }) else { return }
        let visited = scratch.makeVisitedSet(slotCount: slotCount.load(ordering: .relaxed))
        _ = visited.insert(slot)
        var found: [Slot] = []
        for link in links {
            let ways = nodes.isLive(link) ? [link] : self.row(link, layer: layer).slots
            found += ways.filter { nodes.isLive($0) && visited.insert($0) }
        }
        // Of up to M² nodes the nearest few rows' worth are worth a selection.
        var nearest = scratch.makeList(capacity: 4 * row.capacity)
        for first in stride(from: 0, to: found.count, by: scratch.blockCount) {
            let block = found[first..<min(first + scratch.blockCount, found.count)]
            measure(block, from: slot, scratch, &nearest)
        }
        let chosen = diverseNeighbors(
            nearest,
            limit: row.capacity,
            owner: layer == 0 ? slot : nil,
            scratch: scratch
        )
        row.replace(with: chosen)
    }

    private func measure(
        _ slots: ArraySlice<Slot>,
        from base: Slot,
        _ scratch: SearchScratch,
        _ list: inout CandidateList
    ) {
        // SAFETY: a block is no longer than the batch; all slots are published.
        let batch = unsafe scratch.batch
        for (place, slot) in slots.enumerated() {
            unsafe batch.slots[place] = slot
        }
        let probe = probe(for: base, scratch: scratch)
        unsafe measure(batch.slots, count: slots.count, from: probe, batch)
        for place in 0..<slots.count {
            unsafe _ = list.insert(
                Candidate(distance: batch.distances[place], slot: batch.slots[place])
            )
        }
    }

    /// Moves the entry point off a tombstone, to a live node of the highest level there is.
    private func replaceEntryPoint() {
        guard let entry = entryPoint, !nodes.isLive(entry.slot) else { return }
        let live = (0..<Slot(slotCount.load(ordering: .relaxed))).filter { nodes.isLive($0) }
        let highest = live.max { nodes.level(of: $0) < nodes.level(of: $1) }
        let word = highest.map { EntryPoint(slot: $0, level: nodes.level(of: $0)).word }
        entryWord.store(word ?? EntryPoint.none, ordering: .releasing)
    }
}
