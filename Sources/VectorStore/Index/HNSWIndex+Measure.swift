import Kernels

/// What distances are measured from: a query or a stored vector, and its code where the index has
/// codes.
// SAFETY: the vector holds `dimension` elements and outlives the probe, as does the code's memory,
// which is a scratch's.
@safe
struct Probe {
    let vector: UnsafePointer<Float>
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
            vector: vectors.pointer(slot),
            code: hasCodes ? codes.probe(of: slot, in: scratch.probeCode) : nil
        )
    }

    /// A probe for a candidate of neighbour selection, beside the one that it was measured from.
    func candidateProbe(for slot: Slot, scratch: SearchScratch) -> Probe {
        // SAFETY: as above.
        unsafe Probe(
            vector: vectors.pointer(slot),
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
        } else {
            unsafe vectors.measure(slots, count: count, from: probe.vector, batch)
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
    func rescored(
        _ hits: CandidateList,
        count: Int,
        from probe: Probe,
        scratch: SearchScratch
    ) -> CandidateList {
        guard hasCodes else { return hits }
        let wanted = min(count, hits.count)
        var list = scratch.makeList(capacity: wanted)
        let batch = unsafe scratch.batch
        let blockCountMax = min(2 * wanted + 8, scratch.blockCount)
        var errorMax: Float = 0
        var first = 0
        while first < hits.count {
            if list.count == wanted,
                hits[first].distance - errorMax > list[wanted - 1].distance
            {
                break
            }
            let blockCount = min(blockCountMax, hits.count - first)
            // SAFETY: a block is no longer than the batch.
            for place in 0..<blockCount { unsafe batch.slots[place] = hits[first + place].slot }
            unsafe vectors.measure(batch.slots, count: blockCount, from: probe.vector, batch)
            for place in 0..<blockCount {
                let distance = unsafe batch.distances[place]
                errorMax = max(errorMax, abs(distance - hits[first + place].distance))
                unsafe _ = list.insert(Candidate(distance: distance, slot: batch.slots[place]))
            }
            first += blockCount
        }
        return list
    }
}
