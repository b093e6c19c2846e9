import Synchronization

extension HNSWIndex {
    /// The most slots that are linked together.
    ///
    /// Enough to keep many threads busy between two meetings. Each also measures all the others, which at
    /// 256 is a tenth of what a search for neighbours measures.
    static let groupCountMax = 256

    /// Makes a slot the first node of an empty graph.
    func begin(with slot: Slot) {
        let entry = EntryPoint(slot: slot, level: nodes.level(of: slot))
        entryWord.store(entry.word, ordering: .releasing)
    }

    /// Links slots whose vectors and node records are in place: Algorithm 1 for all of them at once.
    ///
    /// 1. Each finds its neighbours in the graph as it was before, and among the others of the
    ///    group, and writes its own rows. Nobody can come there yet.
    /// 2. Each gets its parent.
    /// 3. Each row that is to name some of them is changed once, for all of them.
    ///
    /// In steps 1 and 3 every row has one thread that writes it, and what is written depends on what
    /// the step before left behind. So there are no locks, and threads change nothing in the outcome
    /// (the idea is ParlayANN's, arXiv:2305.04359). Searches go on: whoever finds a new node can
    /// walk on from it.
    func link(_ group: ArraySlice<Slot>, by workers: Workers) {
        guard let entry = entryPoint else { preconditionFailure("no node to begin with") }
        let slots = Array(group)
        workers.run(slots.count) { place, scratch in
            chooseNeighbors(of: slots[place], among: slots, from: entry, scratch: scratch)
        }
        let additions: [Addition] = scratches.withScratch { scratch in
            self.additions(of: slots, from: entry, scratch: scratch)
        }
        workers.run(additions.count) { place, scratch in
            let addition = additions[place]
            connect(addition.slots, to: addition.target, layer: addition.layer, scratch: scratch)
        }
        scratches.withScratch { scratch in
            for slot in slots { raiseEntryPoint(to: slot, scratch: scratch) }
        }
    }

    // MARK: - Step 1: neighbours

    /// Picks a new node's neighbours on all its layers and writes them as its own links.
    ///
    /// As many as a row holds, that is up to 2 · M on layer 0. The paper and hnswlib stop at M
    /// there; with 100,000 sentence embeddings the fuller rows lift recall@10 at a beam of 64 from
    /// 0.980 to 0.984, for a sixth more work while building.
    private func chooseNeighbors(
        of slot: Slot,
        among group: [Slot],
        from entry: EntryPoint,
        scratch: SearchScratch
    ) {
        let probe = probe(for: slot, scratch: scratch)
        let walk = LayerWalk(index: self, probe: probe, scratch: scratch)
        let level = nodes.level(of: slot)
        var nearest = walk.descend(from: walk.candidate(entry.slot), entry.level, to: level + 1)
        for layer in stride(from: level, through: 0, by: -1) {
            var beam = scratch.makeBeam(capacity: parameters.efConstruction)
            if layer <= entry.level {
                beam = walk.search(
                    layer: layer,
                    from: nearest,
                    width: parameters.efConstruction,
                    root: layer == 0 ? entry.slot : nil
                )
                nearest = beam[0]
            }
            meet(group, except: slot, on: layer, from: probe, scratch, &beam)
            let row = row(slot, layer: layer)
            row.replace(
                with: diverseNeighbors(
                    living(beam, scratch),
                    limit: row.capacity,
                    scratch: scratch
                )
            )
        }
    }

    /// A beam without its tombstones, unless there is nothing else.
    ///
    /// A link to one is lost to the next sweep, or missed by the one that is under way; and where a vector took the place of one near it,
    /// the tombstone would keep everything around it from being chosen.
    private func living(_ beam: CandidateList, _ scratch: SearchScratch) -> CandidateList {
        guard deadCount.load(ordering: .relaxed) > 0 else { return beam }
        var living = scratch.makeList(capacity: beam.count)
        for place in 0..<beam.count where nodes.isLive(beam[place].slot) {
            _ = living.insert(beam[place])
        }
        return living.count > 0 ? living : beam
    }

    /// Takes those of the group that are on a layer into a beam.
    private func meet(
        _ group: [Slot],
        except slot: Slot,
        on layer: Int,
        from probe: Probe,
        _ scratch: SearchScratch,
        _ beam: inout CandidateList
    ) {
        let batch = unsafe scratch.batch
        var count = 0
        for other in group where other != slot && nodes.level(of: other) >= layer {
            prefetch(other)
            // SAFETY: the batch has room for a group.
            unsafe batch.slots[count] = other
            count += 1
        }
        unsafe measure(batch.slots, count: count, from: probe, batch)
        for place in 0..<count {
            // SAFETY: the first `count` places were just filled.
            unsafe _ = beam.insert(
                Candidate(distance: batch.distances[place], slot: batch.slots[place])
            )
        }
    }

    // MARK: - Step 2: parents

    /// What one row gets.
    private struct Addition {
        let target: Slot
        let layer: Int
        var slots: [Slot]
    }

    /// Gives each of a group its parent, and collects by rows the links to all of them.
    private func additions(
        of slots: [Slot],
        from entry: EntryPoint,
        scratch: SearchScratch
    ) -> [Addition] {
        // One word a link, so that they are sorted quickly: layer, row, place in the group.
        var words: [UInt64] = []
        for (place, slot) in slots.enumerated() {
            let neighbors = row(slot, layer: 0).slots
            let parent = takeParent(for: slot, near: neighbors, from: entry, scratch: scratch)
            func add(_ target: Slot, _ layer: Int) {
                words.append(UInt64(layer) << 48 | UInt64(target) << 16 | UInt64(place))
            }
            if !neighbors.contains(parent) { add(parent, 0) }
            for target in neighbors { add(target, 0) }
            for layer in 0..<nodes.level(of: slot) {
                for target in row(slot, layer: layer + 1).slots { add(target, layer + 1) }
            }
        }
        words.sort()
        var additions: [Addition] = []
        var former: UInt64?
        for word in words {
            let slot = slots[Int(word & 0xffff)]
            if word >> 16 == former {
                additions[additions.count - 1].slots.append(slot)
            } else {
                let target = Slot(truncatingIfNeeded: word >> 16)
                additions.append(Addition(target: target, layer: Int(word >> 48), slots: [slot]))
                former = word >> 16
            }
        }
        return additions
    }

    /// Makes the nearest node that has room for a child the parent of `slot`, which it does not link yet.
    ///
    /// Half of a row is open to children at first, so that no row is taken up by them; a chosen
    /// neighbour nearly always has room, because an average node has one child. A node of the same
    /// group is eligible once it has a parent itself.
    func takeParent(
        for slot: Slot,
        near neighbors: [Slot],
        from entry: EntryPoint,
        scratch: SearchScratch
    ) -> Slot {
        let capacity = links.baseCapacity
        func take(_ parent: Slot, childCountMax: Int) -> Bool {
            guard parent != slot, isInTree(parent),
                nodes.childCount(of: parent) < childCountMax
            else { return false }
            nodes.setParent(of: slot, to: parent)
            return true
        }
        for parent in neighbors where take(parent, childCountMax: capacity / 2) { return parent }
        let probe = probe(for: slot, scratch: scratch)
        let walk = LayerWalk(index: self, probe: probe, scratch: scratch)
        let beam = walk.search(
            layer: 0,
            from: walk.candidate(entry.slot),
            width: parameters.efConstruction,
            root: nil
        )
        for place in 0..<beam.count where take(beam[place].slot, childCountMax: capacity) {
            return beam[place].slot
        }
        for parent in 0..<Slot(slotCount.load(ordering: .acquiring))
        where take(parent, childCountMax: capacity) {
            return parent
        }
        preconditionFailure("a tree of fewer nodes than places has no room for slot \(slot)")
    }

    /// Whether a slot can be reached from the entry point by the tree.
    private func isInTree(_ slot: Slot) -> Bool {
        nodes.parent(of: slot) != NodeTable.noParent || entryPoint?.slot == slot
    }

    // MARK: - Step 3: links to the new nodes

    /// Adds links to a row, pruning it when they do not fit.
    ///
    /// One thread at a time for each row.
    func connect(_ new: [Slot], to target: Slot, layer: Int, scratch: SearchScratch) {
        let row = row(target, layer: layer)
        let present = row.slots
        let missing = new.filter { !present.contains($0) }
        let total = present.count + missing.count
        guard total > row.capacity else {
            for (place, slot) in missing.enumerated() { row.set(slot, at: present.count + place) }
            return
        }
        let batch = unsafe scratch.batch
        for (place, slot) in (present + missing).enumerated() {
            prefetch(slot)
            // SAFETY: the batch has room for a row and a group; all slots are written.
            unsafe batch.slots[place] = slot
        }
        unsafe measure(
            batch.slots,
            count: total,
            from: probe(for: target, scratch: scratch),
            batch
        )
        var list = scratch.makeList(capacity: total)
        let hasDead = deadCount.load(ordering: .relaxed) > 0
        for place in 0..<total {
            let slot = unsafe batch.slots[place]
            // As in `living`; but a child's only sure way is this one.
            if hasDead, !nodes.isLive(slot), nodes.parent(of: slot) != target { continue }
            unsafe _ = list.insert(Candidate(distance: batch.distances[place], slot: slot))
        }
        let kept = diverseNeighbors(
            list,
            limit: row.capacity,
            owner: layer == 0 ? target : nil,
            scratch: scratch
        )
        row.replace(with: kept)
    }

    /// Makes `slot` the entry point when it is on a higher layer than the present one, which
    /// becomes its child: the tree is rooted at the entry point.
    private func raiseEntryPoint(to slot: Slot, scratch: SearchScratch) {
        let level = nodes.level(of: slot)
        guard let entry = entryPoint, level > entry.level,
            nodes.childCount(of: slot) < links.baseCapacity
        else { return }
        nodes.setParent(of: slot, to: NodeTable.noParent)
        nodes.setParent(of: entry.slot, to: slot)
        connect([entry.slot], to: slot, layer: 0, scratch: scratch)
        entryWord.store(EntryPoint(slot: slot, level: level).word, ordering: .releasing)
    }
}
