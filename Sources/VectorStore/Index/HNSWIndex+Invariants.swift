import Synchronization

extension HNSWIndex {
    /// Checks everything that must hold between writes: for tests, and for `verify`.
    ///
    /// - Rows name linked slots of their layer, none twice, never their own.
    /// - Keys and live slots are each other's inverse.
    /// - The parents form a tree rooted at the entry point, and each names its children.
    /// - Every linked node, hence every live key, can be reached from the entry point.
    ///
    /// - Throws: `VectorStoreError` with code `corrupted`, naming the first violation.
    /// - Complexity: O(n · M). Writers wait.
    package func checkInvariants() throws(VectorStoreError) {
        let violation = writer.withLock { state in
            firstViolation(deadSlots: Set(state.deadSlots + (state.sweep?.slots ?? [])))
        }
        if let violation { throw VectorStoreError(.corrupted, violation) }
    }

    private func firstViolation(deadSlots: Set<Slot>) -> String? {
        let linked = (0..<Slot(slotCount.load(ordering: .relaxed))).filter {
            nodes.isLinked($0)
        }
        if let violation = keyViolation(linked, deadSlots) { return violation }
        for slot in linked {
            let violation = rowViolation(slot) ?? treeViolation(slot, count: linked.count)
            if let violation { return violation }
        }
        return reachViolation(linked)
    }

    private func keyViolation(_ linked: [Slot], _ deadSlots: Set<Slot>) -> String? {
        let slotsByKey = slotsByKey.withLock { $0 }
        for slot in linked {
            let key = nodes.key(of: slot)
            let isDead = deadSlots.contains(slot)
            if isDead == nodes.isLive(slot) { return "slot \(slot) is dead and live" }
            if !isDead, slotsByKey[key] != slot { return "key \(key) does not lead to its slot" }
        }
        let stagedCount = stagedCount.load(ordering: .relaxed)
        let liveCount = linked.count - deadSlots.count
        guard liveCount + stagedCount == slotsByKey.count, deadSlots.count == tombstoneCount else {
            return "\(linked.count) linked slots and \(stagedCount) staged ones are not"
                + " \(slotsByKey.count) keys and \(tombstoneCount) dead"
        }
        return nil
    }

    private func rowViolation(_ slot: Slot) -> String? {
        for layer in 0...nodes.level(of: slot) {
            let slots = row(slot, layer: layer).slots
            guard Set(slots).count == slots.count, !slots.contains(slot) else {
                return "slot \(slot) names a slot twice or itself on layer \(layer)"
            }
            for other in slots {
                guard other < slotCount.load(ordering: .relaxed), nodes.isLinked(other),
                    nodes.level(of: other) >= layer
                else { return "slot \(slot) names \(other), which is not on layer \(layer)" }
            }
        }
        return nil
    }

    private func treeViolation(_ slot: Slot, count: Int) -> String? {
        guard let entry = entryPoint else { return "there is no entry point" }
        guard entry.level == nodes.level(of: entry.slot) else { return "the entry level is wrong" }
        var child = slot
        for _ in 0..<count where child != entry.slot {
            let parent = nodes.parent(of: child)
            guard parent != NodeTable.noParent, row(parent, layer: 0).contains(child) else {
                return "slot \(child) has no parent that names it"
            }
            child = parent
        }
        return child == entry.slot ? nil : "the parents of slot \(slot) run in a circle"
    }

    private func reachViolation(_ linked: [Slot]) -> String? {
        guard let entry = entryPoint else { return linked.isEmpty ? nil : "no entry point" }
        var isReached = [Bool](repeating: false, count: slotCount.load(ordering: .relaxed))
        isReached[Int(entry.slot)] = true
        var open = [entry.slot]
        while let slot = open.popLast() {
            for next in row(slot, layer: 0).slots where !isReached[Int(next)] {
                isReached[Int(next)] = true
                open.append(next)
            }
        }
        let missed = linked.first { !isReached[Int($0)] }
        return missed.map { "slot \($0) cannot be reached from the entry point" }
    }
}
