import Kernels

/// What distances are measured from: a query or a stored vector, and its code where the index has
/// codes.
// SAFETY: the vector holds `dimension` elements and outlives the probe, as does the code's memory,
// which is a scratch's.
@safe
struct Probe {
    /// Nil when a source has it.
    let vector: UnsafePointer<Float>?
    let code: CodeProbe?
}

extension HNSWIndex {
    /// A probe for a query, which holds `dimension` elements and must outlive it.
    ///
    /// Valid until the scratch makes another.
    func probe(for query: UnsafePointer<Float>, scratch: SearchScratch) -> Probe {
        // SAFETY: the scratch's rooms have the codes' size.
        unsafe Probe(
            vector: query,
            code: hasCodes
                ? codes.probe(of: query, in: scratch.probeCode, by: scratch.encodedCode) : nil
        )
    }

    /// A probe for a stored vector.
    ///
    /// Valid until the scratch makes another.
    func probe(for slot: Slot, scratch: SearchScratch) -> Probe {
        // SAFETY: as above; the vector stays for as long as the index.
        unsafe Probe(
            vector: source == nil ? vectors.pointer(slot) : nil,
            code: hasCodes ? codes.probe(of: slot, in: scratch.probeCode) : nil
        )
    }

    /// A probe for a candidate of neighbour selection, beside the one that it was measured from.
    func candidateProbe(for slot: Slot, scratch: SearchScratch) -> Probe {
        // SAFETY: as above.
        unsafe Probe(
            vector: source == nil ? vectors.pointer(slot) : nil,
            code: hasCodes ? codes.probe(of: slot, in: scratch.candidateCode) : nil
        )
    }

    /// Writes the distances from `probe` to `count` slots into the batch.
    @inline(__always)
    func measure(
        _ slots: UnsafePointer<Slot>,
        count: Int,
        from probe: Probe,
        _ batch: SlotBatch
    ) {
        // SAFETY: the slots are written, and no more than the batch has room for.
        if let code = probe.code {
            unsafe codes.measure(slots, count: count, from: code, batch)
        } else if let vector = unsafe probe.vector {
            unsafe vectors.measure(slots, count: count, from: vector, batch)
        }
    }

    /// Measures some slots, at most a batch, and keeps the nearest of those that `accept` takes.
    func measure(
        _ slots: ArraySlice<Slot>,
        from probe: Probe,
        _ scratch: SearchScratch,
        into list: inout CandidateList,
        where accept: (Slot) -> Bool = { _ in true }
    ) {
        precondition(slots.count <= scratch.blockCount, "\(slots.count) slots are no batch")
        let batch = unsafe scratch.batch
        for (place, slot) in slots.enumerated() {
            // SAFETY: just checked; all slots are published.
            unsafe batch.slots[place] = slot
            prefetch(slot)
        }
        unsafe measure(batch.slots, count: slots.count, from: probe, batch)
        for place in 0..<slots.count {
            // SAFETY: the first `slots.count` places were just filled.
            let candidate = unsafe Candidate(
                distance: batch.distances[place],
                slot: batch.slots[place]
            )
            if list.accepts(candidate), accept(candidate.slot) { _ = list.insert(candidate) }
        }
    }

    /// Asks for what `measure` reads of a slot.
    ///
    /// Codes only: the kernel for vectors fetches ahead by itself, for a row of links is more than
    /// a first-level cache holds of them.
    @inline(__always)
    func prefetch(_ slot: Slot) {
        if hasCodes { codes.prefetch(slot) }
    }

    /// The `count` best hits by their distances from the vectors.
    ///
    /// Not the whole beam is worth fetching: codes order nearly as the vectors do. Measuring goes on for as
    /// long as the next hit, were its code as wrong as the worst so far, could still be one of the
    /// best; with sentence embeddings that is one block nearly always, with near duplicates the beam.
    ///
    /// - Throws: `VectorStoreError` when vectors are on disk and cannot be read.
    func rescored(
        _ hits: CandidateList,
        count: Int,
        from query: UnsafePointer<Float>,
        scratch: SearchScratch
    ) throws(VectorStoreError) -> CandidateList {
        guard hasCodes else { return hits }
        let wanted = min(count, hits.count)
        var list = scratch.makeList(capacity: wanted)
        let blockCountMax = min(2 * wanted + 8, scratch.blockCount)
        var errorMax: Float = 0
        var first = 0
        while first < hits.count {
            if list.count == wanted,
                hits[first].distance - errorMax > list[wanted - 1].distance
            {
                break
            }
            let block = first..<min(first + blockCountMax, hits.count)
            // SAFETY: the query holds `dimension` elements.
            try unsafe measureVectors(block.map { hits[$0].slot }, from: query, scratch) {
                place,
                distance in
                let hit = hits[first + place]
                errorMax = max(errorMax, abs(distance - hit.distance))
                _ = list.insert(Candidate(distance: distance, slot: hit.slot))
            }
            first = block.upperBound
        }
        return list
    }

    /// Calls `body` with the place in `slots` of each slot and its vector's distance from `query`; slots
    /// whose vectors are gone or damaged are left out.
    ///
    /// At most a batch of slots. The query holds `dimension` elements.
    ///
    /// - Throws: `VectorStoreError` when vectors are on disk and cannot be read.
    func measureVectors(
        _ slots: [Slot],
        from query: UnsafePointer<Float>,
        _ scratch: SearchScratch,
        _ body: (_ place: Int, _ distance: Float) -> Void
    ) throws(VectorStoreError) {
        if let source {
            return try source.read(slots.map { nodes.key(of: $0) }) { place, vector in
                unsafe body(place, vectors.distance(from: query, to: prepared(vector)))
            }
        }
        let batch = unsafe scratch.batch
        precondition(slots.count <= scratch.blockCount, "\(slots.count) slots are no batch")
        for (place, slot) in slots.enumerated() {
            // SAFETY: just checked; the slots are written.
            unsafe batch.slots[place] = slot
        }
        unsafe vectors.measure(batch.slots, count: slots.count, from: query, batch)
        for place in slots.indices { unsafe body(place, batch.distances[place]) }
    }
}
