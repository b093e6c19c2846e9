import Synchronization

extension HNSWIndex {
    /// Takes a key out.
    ///
    /// Its node stays as a tombstone until the next consolidation, which this call runs when
    /// tombstones have become a fifth of the graph.
    ///
    /// - Returns: false when the key is not in the index.
    @discardableResult
    package func remove(key: ChunkKey) -> Bool {
        writer.withLock { state in
            guard let slot = slotsByKey.withLock({ $0.removeValue(forKey: key) }) else {
                return false
            }
            if nodes.state(of: slot) == .staged {
                // Nothing leads to it but scans that have begun.
                nodes.setState(of: slot, to: .free)
                stagedCount.subtract(1, ordering: .releasing)
                state.retiredSlots.append((epoch: scratches.closeEpoch(), slots: [slot]))
                return true
            }
            bury(slot, &state)
            let liveCount = slotsByKey.withLock { $0.count }
            // Below some dozens, tombstones cost less than looking for them.
            if state.deadSlots.count >= max(64, liveCount / 4) { consolidate(&state) }
            return true
        }
    }

    /// Removes all tombstones from the graph now.
    ///
    /// - Complexity: O(n · M) to find the rows that name one, and for each of those a measuring of
    ///   the tombstones' neighbours and one pruning.
    package func consolidate() {
        writer.withLock { consolidate(&$0) }
    }

    /// Turns a node into a tombstone.
    func bury(_ slot: Slot, _ state: inout WriterState) {
        nodes.setState(of: slot, to: .tombstone)
        state.deadSlots.append(slot)
        deadCount.add(1, ordering: .releasing)
    }
}
