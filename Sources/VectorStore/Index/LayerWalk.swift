import Synchronization

/// One query's way through the graph: the loops in which searches and inserts spend their time.
///
/// They run on pointers into the tables and the scratch, and allocate nothing (but for the open set
/// of a filtered search, which keeps its memory in the scratch). Distances are computed a row of
/// links at a time; all of a row is asked for before the first is measured, so that fetching one
/// overlaps with fetching the others.
///
/// A walk is used by the thread that made it, while the probe's memory lives.
@safe
struct LayerWalk {
    private let index: HNSWIndex
    private let probe: Probe
    private let scratch: SearchScratch

    /// Begins a walk.
    ///
    /// The probe's memory must outlive it.
    init(index: HNSWIndex, probe: Probe, scratch: SearchScratch) {
        self.index = index
        self.probe = probe
        self.scratch = scratch
    }

    /// A slot with its distance from the query.
    func candidate(_ slot: Slot) -> Candidate {
        // SAFETY: the batch has room for one slot; the slot is published.
        unsafe scratch.batch.slots[0] = slot
        unsafe index.measure(scratch.batch.slots, count: 1, from: probe, scratch.batch)
        return unsafe Candidate(distance: scratch.batch.distances[0], slot: slot)
    }

    /// Walks to the nearest node that steps downhill lead to, on layers `top` down to `bottom`:
    /// Algorithm 2 with a beam of 1.
    ///
    /// Returns `start` when `top` is below `bottom`.
    func descend(from start: Candidate, _ top: Int, to bottom: Int) -> Candidate {
        var nearest = start
        for layer in stride(from: top, through: bottom, by: -1) {
            var isMoving = true
            while isMoving {
                isMoving = false
                let count = collect(index.row(nearest.slot, layer: layer))
                measureBatch(count)
                for place in 0..<count {
                    let next = measured(place)
                    if next < nearest {
                        nearest = next
                        isMoving = true
                    }
                }
            }
        }
        return nearest
    }

    /// The `width` nodes of a layer nearest to the query, nearest first: Algorithm 2.
    ///
    /// - Parameters:
    ///   - layer: where to walk.
    ///   - start: a node of the layer.
    ///   - width: how many nodes are kept (`ef`), at least 1.
    ///   - root: where to go on when fewer than `width` nodes can be reached from `start`.
    /// - Returns: the beam, valid until the scratch makes another.
    func search(layer: Int, from start: Candidate, width: Int, root: Slot?) -> CandidateList {
        let visited = scratch.makeVisitedSet(
            slotCount: index.slotCount.load(ordering: .acquiring)
        )
        var beam = scratch.makeBeam(capacity: width)
        _ = visited.insert(start.slot)
        _ = beam.insert(start)
        var next = 0
        while true {
            while next < beam.count {
                let current = beam.expand(next)
                next += 1
                if next < beam.count {
                    index.row(beam[next].slot, layer: layer).prefetch()
                }
                let count = collect(index.row(current.slot, layer: layer), visited)
                measureBatch(count)
                for place in 0..<count {
                    next = min(next, beam.insert(measured(place)))
                }
                while next < beam.count, beam[next].isExpanded { next += 1 }
            }
            guard beam.count < width, let root, visited.insert(root) else { return beam }
            next = beam.insert(candidate(root))
        }
    }

    /// The `width` acceptable nodes of layer 0 nearest to the query, nearest first.
    ///
    /// The beam holds hits only; nodes that `accept` rejects are walked through as long as they are
    /// nearer than the beam's last hit, or the beam has room.
    ///
    /// - Parameters:
    ///   - start: a node of layer 0.
    ///   - width: how many hits are kept, at least 1.
    ///   - root: where to go on when fewer than `width` hits can be reached from `start`.
    ///   - budget: what the walk may spend, and then what it has left.
    ///   - accept: which nodes are hits.
    /// - Returns: the beam, valid until the scratch makes another; whatever it holds when the budget is
    ///   spent.
    func search(
        from start: Candidate,
        width: Int,
        root: Slot,
        budget: inout WalkBudget,
        accept: (Slot) -> Bool
    ) -> CandidateList {
        let visited = scratch.makeVisitedSet(
            slotCount: index.slotCount.load(ordering: .acquiring)
        )
        var hits = scratch.makeBeam(capacity: width)
        // Moved out and back: the loop then owns it, without checks or reference counts.
        var open = CandidateHeap()
        swap(&open, &scratch.openSet)
        defer { swap(&open, &scratch.openSet) }
        open.removeAll()

        func meet(_ candidate: Candidate) {
            guard hits.accepts(candidate) else { return }
            open.push(candidate)
            if accept(candidate.slot) { _ = hits.insert(candidate) }
        }

        _ = visited.insert(start.slot)
        meet(start)
        while true {
            while let current = open.pop(), hits.reaches(current) {
                let count = collect(index.row(current.slot, layer: 0), visited)
                budget.spend(meeting: count, isFull: hits.count == width)
                if budget.isSpent { return hits }
                measureBatch(count)
                for place in 0..<count {
                    meet(measured(place))
                }
            }
            guard hits.count < width, visited.insert(root) else { return hits }
            meet(candidate(root))
        }
    }

    /// The candidate that `collect` put at a place.
    @inline(__always)
    private func measured(_ place: Int) -> Candidate {
        // SAFETY: `place` is below the count that `collect` returned.
        unsafe Candidate(
            distance: scratch.batch.distances[place],
            slot: scratch.batch.slots[place]
        )
    }

    /// Measures the first `count` slots of the batch.
    @inline(__always)
    private func measureBatch(_ count: Int) {
        // SAFETY: `collect` put them there.
        unsafe index.measure(scratch.batch.slots, count: count, from: probe, scratch.batch)
    }

    /// Puts a row's links that are not visited yet into the batch, marks them, and asks for what
    /// `measureBatch` will read.
    ///
    /// - Returns: how many there are.
    @inline(__always)
    private func collect(_ row: LinkRow, _ visited: VisitedSet) -> Int {
        let batch = unsafe scratch.batch
        var count = 0
        for place in 0..<row.capacity {
            let slot = row[place]
            guard slot != LinkRow.end else { break }
            if visited.insert(slot) {
                index.prefetch(slot)
                // SAFETY: the batch has room for a whole row.
                unsafe batch.slots[count] = slot
                count += 1
            }
        }
        return count
    }

    /// Puts all of a row's links into the batch.
    ///
    /// - Returns: how many there are.
    @inline(__always)
    private func collect(_ row: LinkRow) -> Int {
        let batch = unsafe scratch.batch
        var count = 0
        for place in 0..<row.capacity {
            let slot = row[place]
            guard slot != LinkRow.end else { break }
            index.prefetch(slot)
            // SAFETY: the batch has room for a whole row.
            unsafe batch.slots[count] = slot
            count += 1
        }
        return count
    }
}
