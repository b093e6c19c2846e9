import Synchronization

extension HNSWIndex {
    /// Takes a key out.
    ///
    /// - Returns: false when the key is not in the index.
    @discardableResult
    package func remove(key: ChunkKey) -> Bool {
        remove(keys: [key], threads: 1) == 1
    }

    /// Takes keys out.
    ///
    /// Their nodes stay as tombstones until a sweep has linked their neighbours to each other. It begins
    /// when tombstones have become an eighth of the graph, and is carried on by this call in proportion to
    /// what is removed.
    ///
    /// - Returns: how many of the keys were in the index.
    @discardableResult
    package func remove(keys: [ChunkKey], threads: Int) -> Int {
        guard !keys.isEmpty else { return 0 }
        return writer.withLock { state in
            let removedCount = keys.count { remove($0, &state) }
            let workers = Workers(count: threads, scratches: scratches)
            if removedCount > 0 { sweep(after: removedCount, &state, by: workers) }
            return removedCount
        }
    }

    private func remove(_ key: ChunkKey, _ state: inout WriterState) -> Bool {
        guard let slot = slotsByKey.withLock({ $0.removeValue(forKey: key) }) else { return false }
        guard nodes.state(of: slot) == .staged else {
            bury(slot, &state)
            return true
        }
        // Nothing leads to it but scans that have begun.
        nodes.setState(of: slot, to: .free)
        stagedCount.subtract(1, ordering: .releasing)
        retire([slot], &state)
        return true
    }

    /// Lets slots be used again once no search can hold them any more.
    func retire(_ slots: [Slot], _ state: inout WriterState) {
        state.retiredSlots.append((epoch: scratches.closeEpoch(), slots: slots))
        freeCount.add(slots.count, ordering: .relaxed)
    }

    /// Turns a node into a tombstone.
    func bury(_ slot: Slot, _ state: inout WriterState) {
        nodes.setState(of: slot, to: .tombstone)
        state.deadSlots.append(slot)
        deadCount.add(1, ordering: .releasing)
    }
}
