extension HNSWIndex {
    /// Picks at most `limit` diverse neighbours from `candidates`, nearest first: Algorithm 4,
    /// without extending the candidates and without refilling from the rejected ones.
    ///
    /// A candidate is taken when it is nearer to the base than to every one taken before, so that
    /// links spread in all directions and lead out of clusters. With an `owner`, its tree children
    /// among the candidates are taken in any case (`NodeTable` says why).
    ///
    /// - Parameters:
    ///   - candidates: distances are from the base node.
    ///   - limit: at least the number of the owner's children among the candidates.
    ///   - owner: the base node when the links of layer 0 are pruned, nil otherwise.
    ///   - taken: what is chosen already, none of it a candidate, at most `limit`.
    ///   - scratch: its batch is overwritten.
    /// - Returns: the chosen slots.
    func diverseNeighbors(
        _ candidates: CandidateList,
        limit: Int,
        owner: Slot? = nil,
        beside taken: [Slot] = [],
        scratch: SearchScratch
    ) -> [Slot] {
        var chosen = taken
        chosen.reserveCapacity(limit)
        // SAFETY: `limit` is at most a row's capacity, for which the scratch has room.
        for (place, slot) in taken.enumerated() { unsafe scratch.chosen[place] = slot }
        var childCount =
            owner.map { owner in
                (0..<candidates.count).count { nodes.parent(of: candidates[$0].slot) == owner }
            } ?? 0
        for place in 0..<candidates.count where chosen.count < limit {
            let candidate = candidates[place]
            let isChild = childCount > 0 && nodes.parent(of: candidate.slot) == owner
            if isChild {
                childCount -= 1
            } else {
                // The last places belong to children that are still to come.
                guard chosen.count + childCount < limit,
                    isDiverse(candidate, chosenCount: chosen.count, scratch: scratch)
                else { continue }
            }
            // SAFETY: `limit` is at most a row's capacity, for which the scratch has room.
            unsafe scratch.chosen[chosen.count] = candidate.slot
            chosen.append(candidate.slot)
        }
        return chosen
    }

    /// Whether no chosen slot is nearer to the candidate than the base is.
    @inline(__always)
    private func isDiverse(
        _ candidate: Candidate,
        chosenCount: Int,
        scratch: SearchScratch
    ) -> Bool {
        guard chosenCount > 0 else { return true }
        // Four rows at a time are one call of the kernel's inner block; most rejections come early.
        let blockCount = 4
        let limit = candidate.distance
        let probe = candidateProbe(for: candidate.slot, scratch: scratch)
        var first = 0
        while first < chosenCount {
            let count = min(blockCount, chosenCount - first)
            // SAFETY: first + count slots were chosen; the batch has room for them all.
            unsafe measure(scratch.chosen + first, count: count, from: probe, scratch.batch)
            for place in 0..<count where unsafe scratch.batch.distances[place] < limit {
                return false
            }
            first += count
        }
        return true
    }
}
