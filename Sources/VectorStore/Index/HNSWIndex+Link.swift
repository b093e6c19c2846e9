import Synchronization

extension HNSWIndex {
    /// Links a slot whose vector and node record are in place: Algorithm 1.
    ///
    /// The node's own rows are written on all its layers before the first link to it is, and that
    /// link comes from its parent. So whoever finds the node can walk on from it, and the node is
    /// in the tree from its first moment.
    ///
    /// Several threads may link different slots at once.
    func link(_ slot: Slot, scratch: SearchScratch) {
        guard let entry = entryPoint else {
            let first = EntryPoint(slot: slot, level: nodes.level(of: slot))
            entryWord.store(first.word, ordering: .releasing)
            return
        }
        let level = nodes.level(of: slot)
        let top = min(level, entry.level)
        // SAFETY: the slot's vector is written, and stays for as long as the index.
        let walk = unsafe LayerWalk(index: self, query: vectors.pointer(slot), scratch: scratch)
        var nearest = walk.descend(from: walk.candidate(entry.slot), entry.level, to: top + 1)
        var chosen = [[Slot]](repeating: [], count: top + 1)
        for layer in stride(from: top, through: 1, by: -1) {
            let beam = walk.search(
                layer: layer,
                from: nearest,
                width: parameters.efConstruction,
                root: nil
            )
            chosen[layer] = chooseNeighbors(of: slot, layer: layer, beam: beam, scratch: scratch)
            nearest = beam[0]
        }
        let beam = walk.search(
            layer: 0,
            from: nearest,
            width: parameters.efConstruction,
            root: entry.slot
        )
        chosen[0] = chooseNeighbors(of: slot, layer: 0, beam: beam, scratch: scratch)

        findParent(for: slot, near: chosen[0], beam: beam, scratch: scratch)
        for layer in 0...top {
            for neighbor in chosen[layer] {
                nodes.withLock(neighbor) {
                    connect(neighbor, to: slot, layer: layer, scratch: scratch)
                }
            }
        }
        if level > entry.level { raiseEntryPoint(to: slot, scratch: scratch) }
    }

    /// Picks a new node's neighbours from a beam and writes them as its own links.
    ///
    /// As many as the row holds, that is up to 2 · M on layer 0. The paper and hnswlib stop at M
    /// there; with 100,000 sentence embeddings the fuller rows lift recall@10 at a beam of 64 from
    /// 0.980 to 0.984, for a sixth more work while building.
    private func chooseNeighbors(
        of slot: Slot,
        layer: Int,
        beam: CandidateList,
        scratch: SearchScratch
    ) -> [Slot] {
        let row = row(slot, layer: layer)
        let chosen = diverseNeighbors(beam, limit: row.capacity, owner: nil, scratch: scratch)
        row.replace(with: chosen)
        return chosen
    }

    /// Makes the nearest node that has room for a child the parent of `slot`.
    ///
    /// Half of a row is open to children at first, so that no row is taken up by them; a chosen
    /// neighbour nearly always has room, because an average node has one child.
    func findParent(
        for slot: Slot,
        near chosen: [Slot],
        beam: CandidateList,
        scratch: SearchScratch
    ) {
        let capacity = links.baseCapacity
        for parent in chosen
        where adopt(slot, by: parent, childCountMax: capacity / 2, scratch: scratch) {
            return
        }
        for place in 0..<beam.count
        where adopt(slot, by: beam[place].slot, childCountMax: capacity, scratch: scratch) {
            return
        }
        for parent in 0..<Slot(slotCount.load(ordering: .acquiring))
        where parent != slot && isInTree(parent)
            && adopt(slot, by: parent, childCountMax: capacity, scratch: scratch)
        {
            return
        }
        preconditionFailure("a tree of fewer nodes than places has no room for slot \(slot)")
    }

    /// Makes `slot` a child of `parent` and links it there, unless the parent's row is taken.
    func adopt(
        _ slot: Slot,
        by parent: Slot,
        childCountMax: Int,
        scratch: SearchScratch
    ) -> Bool {
        nodes.withLock(parent) {
            let row = row(parent, layer: 0)
            let childCount = row.slots.count { nodes.parent(of: $0) == parent }
            guard childCount < childCountMax else { return false }
            nodes.setParent(of: slot, to: parent)
            connect(parent, to: slot, layer: 0, scratch: scratch)
            return true
        }
    }

    /// Adds a link, pruning the row when it is full.
    ///
    /// Under the lock of `slot`.
    private func connect(_ slot: Slot, to new: Slot, layer: Int, scratch: SearchScratch) {
        let row = row(slot, layer: layer)
        let count = row.count
        guard !row.contains(new) else { return }
        guard count == row.capacity else { return row.set(new, at: count) }
        // SAFETY: the batch has room for a row and one more; all slots are published.
        let batch = unsafe scratch.batch
        for place in 0..<count {
            unsafe batch.slots[place] = row[place]
        }
        unsafe batch.slots[count] = new
        unsafe vectors.measure(batch, count: count + 1, from: vectors.pointer(slot))
        var list = scratch.makeList(capacity: count + 1)
        for place in 0...count {
            unsafe _ = list.insert(
                Candidate(distance: batch.distances[place], slot: batch.slots[place])
            )
        }
        let kept = diverseNeighbors(
            list,
            limit: row.capacity,
            owner: layer == 0 ? slot : nil,
            scratch: scratch
        )
        row.replace(with: kept)
    }

    /// Makes `slot` the entry point when it is on a higher layer than the present one, which
    /// becomes its child: the tree is rooted at the entry point.
    private func raiseEntryPoint(to slot: Slot, scratch: SearchScratch) {
        entryLock.withLock { _ in
            let level = nodes.level(of: slot)
            guard let entry = entryPoint, level > entry.level,
                adopt(
                    entry.slot,
                    by: slot,
                    childCountMax: links.baseCapacity,
                    scratch: scratch
                )
            else { return }
            entryWord.store(EntryPoint(slot: slot, level: level).word, ordering: .releasing)
            nodes.setParent(of: slot, to: NodeTable.noParent)
        }
    }

    /// Whether a slot can be reached from the entry point by the tree.
    func isInTree(_ slot: Slot) -> Bool {
        nodes.parent(of: slot) != NodeTable.noParent || entryPoint?.slot == slot
    }
}
