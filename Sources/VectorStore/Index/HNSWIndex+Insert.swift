import Foundation
import Synchronization

extension HNSWIndex {
    /// Adds one vector.
    ///
    /// - Parameters:
    ///   - key: not in the index.
    ///   - vector: `dimension` finite elements (see `validate`).
    /// - Complexity: a search with a beam of `efConstruction`, and about M prunings of a row.
    package func insert(key: ChunkKey, vector: [Float]) {
        insert(keys: [key], vectors: vector, threads: 1)
    }

    /// Adds many vectors, by several threads when asked.
    ///
    /// The graph depends on the vectors, their order, the seed and how they were divided among calls; not on
    /// the number of threads. Searches see the vectors as they are linked.
    ///
    /// - Shapes: `vectors` is n × `dimension`, row-major.
    /// - Parameters:
    ///   - keys: n distinct keys that are not in the index.
    ///   - vectors: finite elements (see `validate`).
    ///   - threads: how many threads link, the caller's among them.
    package func insert(keys: [ChunkKey], vectors: [Float], threads: Int) {
        guard !keys.isEmpty else { return }
        writer.withLock { state in
            let workers = Workers(count: threads, scratches: scratches)
            let wasComplete = isComplete
            stage(keys, vectors, &state, by: workers)
            // Others are before them: their turn comes.
            while wasComplete, linkStaged(&state, by: workers) {}
        }
    }

    /// Stores many vectors without linking them: scans find them, walks do not yet.
    ///
    /// - Parameters:
    ///   - keys: n distinct keys that are not in the index.
    ///   - vectors: n × `dimension` finite elements, row-major.
    package func stage(keys: [ChunkKey], vectors: [Float]) {
        guard !keys.isEmpty else { return }
        writer.withLock { state in
            stage(keys, vectors, &state, by: Workers(count: 1, scratches: scratches))
        }
    }

    /// Links some of what is staged, in the order in which it came.
    ///
    /// Writers wait meanwhile, for the time of one group.
    ///
    /// - Returns: whether there is more.
    package func linkStaged(threads: Int) -> Bool {
        writer.withLock { state in
            linkStaged(&state, by: Workers(count: threads, scratches: scratches))
        }
    }

    private func stage(
        _ keys: [ChunkKey],
        _ vectors: [Float],
        _ state: inout WriterState,
        by workers: Workers
    ) {
        precondition(
            vectors.count == keys.count * dimension,
            "\(vectors.count) elements are not \(keys.count) vectors of \(dimension)"
        )
        precondition(workers.count > 0, "at least one thread must link")
        let slots = takeSlots(keys.count, &state)
        workers.run(slots.count) { place, _ in
            let vector = vectors[place * dimension..<(place + 1) * dimension]
            store(prepared(Array(vector)).span, at: slots[place])
            nodes.setKey(of: slots[place], to: keys[place])
            nodes.setState(of: slots[place], to: .staged)
        }
        register(keys, slots)
        state.stagedSlots += slots
        stagedCount.add(slots.count, ordering: .releasing)
    }

    /// Links the next group of staged slots, and returns whether there are more.
    private func linkStaged(_ state: inout WriterState, by workers: Workers) -> Bool {
        var group: [Slot] = []
        while group.count < Self.groupCountMax, state.stagedStart < state.stagedSlots.count {
            let slot = state.stagedSlots[state.stagedStart]
            state.stagedStart += 1
            // Removed meanwhile; or used again since, and then it comes again.
            guard nodes.state(of: slot) == .staged else { continue }
            nodes.setState(of: slot, to: .live)
            group.append(slot)
        }
        if state.stagedStart == state.stagedSlots.count {
            (state.stagedSlots, state.stagedStart) = ([], 0)
        }
        guard let first = group.first else { return false }
        // The first node of all is what the others start from.
        let isFirst = entryPoint == nil
        if isFirst { begin(with: first) }
        link(group[(isFirst ? 1 : 0)...], by: workers)
        let left = stagedCount.subtract(group.count, ordering: .releasing).newValue
        return left > 0
    }

    private func register(_ keys: [ChunkKey], _ slots: [Slot]) {
        slotsByKey.withLock { slotsByKey in
            for (key, slot) in zip(keys, slots) {
                let former = slotsByKey.updateValue(slot, forKey: key)
                precondition(former == nil, "key \(key) is in the index already")
            }
        }
    }

    /// Hands out `count` empty, unlinked slots: freed ones first, then new ones.
    func takeSlots(_ count: Int, _ state: inout WriterState) -> [Slot] {
        reclaim(&state)
        let reused = Array(state.freeSlots.suffix(count))
        state.freeSlots.removeLast(reused.count)
        freeCount.subtract(reused.count, ordering: .relaxed)
        for slot in reused {
            // The slot keeps its level and upper rows: levels of removed nodes are as random as
            // those of new ones.
            let level = nodes.level(of: slot)
            links.clear(slot, upperRow: nodes.upperRow(of: slot), level: level)
        }
        return reused
            + newSlots(
                levels: (0..<count - reused.count).map { place in
                    Self.level(
                        ofSlot: slotCount.load(ordering: .relaxed) + place,
                        parameters: parameters
                    )
                },
                &state
            )
    }

    /// Hands out new slots with the given levels.
    func newSlots(levels: [Int], _ state: inout WriterState) -> [Slot] {
        let first = slotCount.load(ordering: .relaxed)
        let upperCount = state.upperCount + levels.reduce(0, +)
        reserveRows(first + levels.count)
        nodes.reserve(first + levels.count)
        links.reserve(slotCount: first + levels.count, upperCount: upperCount)
        let slots = levels.enumerated().map { place, level in
            let slot = Slot(first + place)
            nodes.initialize(slot, level: level, upperRow: UInt32(state.upperCount))
            links.clear(slot, upperRow: UInt32(state.upperCount), level: level)
            state.upperCount += level
            return slot
        }
        slotCount.store(first + levels.count, ordering: .releasing)
        return slots
    }

    /// Moves slots that no search can hold any more to the free ones.
    private func reclaim(_ state: inout WriterState) {
        while let oldest = state.retiredSlots.first, scratches.isOver(oldest.epoch) {
            state.freeSlots += oldest.slots
            state.retiredSlots.removeFirst()
        }
    }

    /// Draws a slot's level: exponential with mean 1 / ln(M), the paper's choice, from the seed and
    /// the slot alone, so that threads cannot change it.
    private static func level(ofSlot slot: Int, parameters: HNSWParameters) -> Int {
        // SplitMix64's output function over the slot's place in its sequence.
        var bits = parameters.seed
        // Safe: modular arithmetic is the definition.
        bits &+= UInt64(slot + 1) &* 0x9e37_79b9_7f4a_7c15
        bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
        bits ^= bits >> 31
        // In (0, 1]: never the logarithm of zero.
        let uniform = (Double(bits >> 11) + 1) / Double(1 << 53)
        let level = -log(uniform) / log(Double(parameters.connectivity))
        return min(Int(level), NodeTable.levelMax)
    }
}
