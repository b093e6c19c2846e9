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
        // SAFETY: the query's elements are read during the calls only.
        try unsafe overBlocks(of: query, count: count, width: count, among: selection) {
            block,
            query,
            scratch,
            hits throws(VectorStoreError) in
            try unsafe measureVectors(block, from: query, scratch) { place, distance in
                _ = hits.insert(Candidate(distance: distance, slot: block[place]))
            }
        } finish: { hits, _, _ in
            hits
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
        guard hasCodes else { return try exactSearch(query, count: count, among: selection) }
        // SAFETY: as above.
        return try unsafe overBlocks(
            of: query,
            count: count,
            width: max(width, count),
            among: selection
        ) { block, query, scratch, hits in
            let batch = unsafe scratch.batch
            // SAFETY: a block is no longer than the batch; its slots are written.
            for (place, slot) in block.enumerated() { unsafe batch.slots[place] = slot }
            let probe = unsafe probe(for: query, scratch: scratch)
            unsafe measure(batch.slots, count: block.count, from: probe, batch)
            for place in block.indices {
                unsafe _ = hits.insert(
                    Candidate(distance: batch.distances[place], slot: block[place])
                )
            }
        } finish: { hits, query, scratch throws(VectorStoreError) in
            try unsafe rescored(hits, count: count, from: query, scratch: scratch)
        }
    }

    /// Runs `measure` over blocks of the eligible slots, each as large as a batch, with a list of the
    /// `width` nearest, and makes hits of what `finish` makes of the list.
    private func overBlocks(
        of query: [Float],
        count: Int,
        width: Int,
        among selection: Selection?,
        measure: (
            [Slot], UnsafePointer<Float>, SearchScratch, inout CandidateList
        ) throws(VectorStoreError) -> Void,
        finish: (
            CandidateList, UnsafePointer<Float>, SearchScratch
        ) throws(VectorStoreError) -> CandidateList
    ) throws(VectorStoreError) -> [Neighbor] {
        let query = prepared(query)
        guard count > 0 else { return [] }
        return try scratches.withScratch { scratch throws(VectorStoreError) in
            let slots = selection.map { self.slots(of: $0) }
            let slotCount = slots?.count ?? slotCount.load(ordering: .acquiring)
            var hits = scratch.makeBeam(capacity: min(width, slotCount))
            // SAFETY: `query` outlives the calls, which keep no pointer.
            return try unsafe query.withUnsafeBufferPointer { buffer throws(VectorStoreError) in
                guard let query = buffer.baseAddress else { return [] }
                for first in stride(from: 0, to: slotCount, by: scratch.blockCount) {
                    let places = first..<min(first + scratch.blockCount, slotCount)
                    let block = places.map { slots?[$0] ?? Slot($0) }.filter { nodes.isStored($0) }
                    try unsafe measure(block, query, scratch, &hits)
                }
                return neighbors(try unsafe finish(hits, query, scratch), count: count)
            }
        }
    }
}
