import Synchronization

extension HNSWIndex {
    /// Returns the `count` vectors nearest to `query` among all that are stored, or among the selected, by
    /// measuring every one: the oracle of the graph search, and the faster way when few keys are
    /// eligible.
    ///
    /// - Shapes: `query` holds `dimension` elements.
    /// - Parameters:
    ///   - query: finite values; scaled to unit length here when the metric is cosine.
    ///   - count: how many hits are wanted.
    ///   - selection: the eligible keys, nil for all; unknown ones are ignored.
    /// - Returns: at most `count` hits, nearest first.
    /// - Throws: `VectorStoreError` when vectors are on disk and cannot be read.
    /// - Complexity: O(n · dimension), and as many reads where vectors are on disk.
    package func exactSearch(
        _ query: [Float],
        count: Int,
        among selection: Selection? = nil
    ) throws(VectorStoreError) -> [Neighbor] {
        let query = prepared(query)
        guard count > 0 else { return [] }
        return try scratches.withScratch { scratch throws(VectorStoreError) in
            let slots = storedSlots(selection)
            var hits = scratch.makeBeam(capacity: min(count, slots.count))
            // SAFETY: `query` outlives the calls, which keep no pointer.
            return try unsafe query.withUnsafeBufferPointer { buffer throws(VectorStoreError) in
                guard let query = buffer.baseAddress else { return [] }
                for first in stride(from: 0, to: slots.count, by: scratch.blockCount) {
                    let block = slots[first..<min(first + scratch.blockCount, slots.count)]
                        .filter { nodes.isStored($0) }
                    try unsafe measureVectors(block, from: query, scratch) { place, distance in
                        _ = hits.insert(Candidate(distance: distance, slot: block[place]))
                    }
                }
                return neighbors(hits, count: count)
            }
        }
    }

    /// Returns the `count` vectors nearest to `query` among all that are stored, or among the selected, by
    /// measuring every code, and then the vectors of the nearest.
    ///
    /// - Parameters:
    ///   - query: as in `exactSearch`, which this is when there are no codes.
    ///   - count: how many hits are wanted.
    ///   - width: how many codes are kept until vectors are measured; the more, the surer.
    ///   - selection: the eligible keys, nil for all.
    /// - Returns: at most `count` hits, nearest first.
    /// - Throws: `VectorStoreError` when vectors are on disk and cannot be read.
    package func codeSearch(
        _ query: [Float],
        count: Int,
        width: Int,
        among selection: Selection? = nil
    ) throws(VectorStoreError) -> [Neighbor] {
        let query = prepared(query)
        guard count > 0 else { return [] }
        return try scratches.withScratch { scratch throws(VectorStoreError) in
            // SAFETY: `query` outlives the calls, which keep no pointer.
            try unsafe query.withUnsafeBufferPointer { buffer throws(VectorStoreError) in
                guard let query = buffer.baseAddress else { return [] }
                let probe = unsafe probe(for: query, scratch: scratch)
                let hits = scan(
                    probe,
                    width: max(width, count),
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

    /// The `width` nearest of all or of the selected, by their codes, or by their vectors where there are
    /// none.
    func scan(
        _ probe: Probe,
        width: Int,
        among selection: Selection?,
        scratch: SearchScratch
    ) -> CandidateList {
        let slots = storedSlots(selection)
        var hits = scratch.makeBeam(capacity: min(width, slots.count))
        for first in stride(from: 0, to: slots.count, by: scratch.blockCount) {
            let block = slots[first..<min(first + scratch.blockCount, slots.count)]
            measure(block, from: probe, scratch, into: &hits) { nodes.isStored($0) }
        }
        return hits
    }

    /// The slots of the selected keys that the index has, or all that were ever handed out; some may have
    /// died since, or be empty.
    ///
    /// Inside an epoch, so that none is reused while it is looked at.
    private func storedSlots(_ selection: Selection?) -> [Slot] {
        guard let selection else {
            return Array(0..<Slot(slotCount.load(ordering: .acquiring)))
        }
        // A copy, which is void before the next key comes: the lock is not held for long.
        return slotsByKey.withLock { $0 }.slots(of: selection)
    }
}
