import Synchronization

extension HNSWIndex {
    /// Returns the `count` vectors nearest to `query` among all live ones, or among `keys`, by
    /// measuring every one: the oracle of the graph search, and the faster way when few keys are
    /// eligible.
    ///
    /// - Shapes: `query` holds `dimension` elements.
    /// - Parameters:
    ///   - query: finite values; scaled to unit length here when the metric is cosine.
    ///   - count: how many hits are wanted.
    ///   - keys: the eligible keys, nil for all; unknown ones are ignored.
    /// - Returns: at most `count` hits, nearest first.
    /// - Complexity: O(n · dimension).
    package func exactSearch(
        _ query: [Float],
        count: Int,
        among keys: [ChunkKey]? = nil
    ) -> [Neighbor] {
        let query = prepared(query)
        guard count > 0 else { return [] }
        return scratches.withScratch { scratch in
            let slots = keys.map { keys in
                slotsByKey.withLock { slotsByKey in keys.compactMap { slotsByKey[$0] } }
            }
            let slotCount = slots?.count ?? slotCount.load(ordering: .acquiring)
            var hits = scratch.makeBeam(capacity: min(count, slotCount))
            // SAFETY: `query` outlives the calls, which keep no pointer.
            unsafe query.withUnsafeBufferPointer { buffer in
                guard let query = buffer.baseAddress else { return }
                for first in stride(from: 0, to: slotCount, by: scratch.blockCount) {
                    let block = first..<min(first + scratch.blockCount, slotCount)
                    unsafe scan(block, of: slots, from: query, scratch, &hits)
                }
            }
            return neighbors(hits, count: count)
        }
    }

    /// Measures one block of slots; those that are not live are left out.
    private func scan(
        _ block: Range<Int>,
        of slots: [Slot]?,
        from query: UnsafePointer<Float>,
        _ scratch: SearchScratch,
        _ hits: inout CandidateList
    ) {
        let batch = unsafe scratch.batch
        var count = 0
        for place in block {
            let slot = slots?[place] ?? Slot(place)
            guard nodes.isLive(slot) else { continue }
            // SAFETY: a block is no longer than the batch.
            unsafe batch.slots[count] = slot
            count += 1
        }
        unsafe vectors.measure(batch.slots, count: count, from: query, batch)
        for place in 0..<count {
            // SAFETY: the first `count` places were just filled.
            unsafe _ = hits.insert(
                Candidate(distance: batch.distances[place], slot: batch.slots[place])
            )
        }
    }
}
