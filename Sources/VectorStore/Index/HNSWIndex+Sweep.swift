import Synchronization

/// A pass over the graph that takes tombstones out of it, in steps between other changes.
struct Sweep {
    /// The tombstones that it takes out: those that there were when it began.
    let slots: [Slot]

    /// The next slot whose links are looked at.
    var next: Slot = 0
}

extension HNSWIndex {
    /// A sweep begins when this share of the live keys are tombstones.
    private static let sweptShare = 8

    /// Slots that a sweep looks at for each key that is removed: it ends before the tombstones that come
    /// meanwhile are another sixteenth.
    private static let stepsPerRemoval = 16

    /// Removes all tombstones from the graph now.
    ///
    /// - Complexity: O(n · M) to find the rows that name one, and for each of those a measuring of
    ///   the tombstones' neighbours and one selection.
    package func consolidate(threads: Int = 1) {
        writer.withLock { consolidate(&$0, by: Workers(count: threads, scratches: scratches)) }
    }

    /// Removes all tombstones from the graph now.
    func consolidate(_ state: inout WriterState, by workers: Workers) {
        while state.sweep != nil || !state.deadSlots.isEmpty {
            beginSweep(&state)
            step(slotCount.load(ordering: .relaxed), &state, by: workers)
        }
    }

    /// Goes on with a sweep, or begins one when it is time, as far as the removal of `removedCount` keys
    /// gives reason to.
    func sweep(after removedCount: Int, _ state: inout WriterState, by workers: Workers) {
        if state.sweep == nil {
            // Below some dozens, tombstones cost less than looking for them.
            let keyCount = slotsByKey.withLock { $0.count }
            guard state.deadSlots.count >= max(64, keyCount / Self.sweptShare) else { return }
            beginSweep(&state)
        }
        // A small graph is swept at once.
        step(max(1_024, removedCount * Self.stepsPerRemoval), &state, by: workers)
    }

    private func beginSweep(_ state: inout WriterState) {
        guard state.sweep == nil else { return }
        for slot in state.deadSlots { nodes.setState(of: slot, to: .dying) }
        state.sweep = Sweep(slots: state.deadSlots)
        state.deadSlots = []
    }

    /// Looks at the next `count` slots: every node that names dying ones is linked to their neighbours in
    /// their place (the idea is FreshDiskANN's, arXiv:2105.09613, Algorithm 4).
    ///
    /// Searches go on meanwhile, and find every live key: the dying stay ways until the end. New links to
    /// them are not made, so that what was looked at stays free of them. Each row has one thread that writes
    /// it, and only the rows of the dying are read beside it, which nobody changes.
    private func step(_ count: Int, _ state: inout WriterState, by workers: Workers) {
        guard let sweep = state.sweep else { return }
        let first = sweep.next
        let end = min(Int(first) + count, slotCount.load(ordering: .relaxed))
        bypassDying(in: first..<Slot(end), isLast: false, by: workers)
        state.sweep?.next = Slot(end)
        if end == slotCount.load(ordering: .relaxed) { endSweep(&state, by: workers) }
    }

    private func bypassDying(in slots: Range<Slot>, isLast: Bool, by workers: Workers) {
        // Blocks, so that taking the next one costs nothing beside the work.
        let blockCount = 256
        workers.run((slots.count + blockCount - 1) / blockCount) { block, scratch in
            let first = Int(slots.lowerBound) + block * blockCount
            for slot in Slot(first)..<Slot(min(first + blockCount, Int(slots.upperBound)))
            where nodes.isLinked(slot) && !nodes.isDying(slot) {
                for layer in 0...nodes.level(of: slot) {
                    bypassDying(of: slot, layer: layer, isLast: isLast, scratch: scratch)
                }
            }
        }
    }

    /// Frees the dying, which hardly a row names any more.
    private func endSweep(_ state: inout WriterState, by workers: Workers) {
        guard let sweep = state.sweep else { return }
        // What is left of links to them: from their parents, and from a node that came meanwhile and had
        // nothing else around it.
        let slots = 0..<Slot(slotCount.load(ordering: .relaxed))
        bypassDying(in: slots, isLast: true, by: workers)
        for slot in sweep.slots { nodes.setState(of: slot, to: .free) }
        scratches.withScratch { scratch in
            replaceEntryPoint()
            rebuildTree(scratch: scratch)
        }
        deadCount.subtract(sweep.slots.count, ordering: .releasing)
        retire(sweep.slots, &state)
        state.sweep = nil
    }

    /// Puts the best of their live neighbours in the place of the dying in a row; its other links stay, for
    /// they are ways that others rely on.
    ///
    /// The way to a child stays until the tree is made anew, so that every node can be reached always.
    private func bypassDying(of slot: Slot, layer: Int, isLast: Bool, scratch: SearchScratch) {
        let row = row(slot, layer: layer)
        let links = row.slots
        let kept = links.filter { link in
            !nodes.isDying(link) || (!isLast && layer == 0 && nodes.parent(of: link) == slot)
        }
        guard kept.count < links.count else { return }
        let visited = scratch.makeVisitedSet(slotCount: slotCount.load(ordering: .relaxed))
        _ = visited.insert(slot)
        for link in kept { _ = visited.insert(link) }
        var found: [Slot] = []
        for link in links where nodes.isDying(link) {
            for way in self.row(link, layer: layer).slots where nodes.isLive(way) {
                if visited.insert(way) { found.append(way) }
            }
        }
        var nearest = scratch.makeList(capacity: 4 * row.capacity)
        for first in stride(from: 0, to: found.count, by: scratch.blockCount) {
            let block = found[first..<min(first + scratch.blockCount, found.count)]
            measure(block, from: probe(for: slot, scratch: scratch), scratch, into: &nearest)
        }
        row.replace(
            with: diverseNeighbors(nearest, limit: row.capacity, beside: kept, scratch: scratch)
        )
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
