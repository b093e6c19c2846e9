import Synchronization

extension HNSWIndex {
    /// Gives every linked node a parent again, by a breadth-first walk of layer 0 from the entry
    /// point; nodes that the walk does not find are linked to the nearest node that it found.
    ///
    /// For graphs whose rows changed as a whole: after a sweep, and after loading. Writer only, with no
    /// link to a slot that is not linked itself.
    func rebuildTree(scratch: SearchScratch) {
        let slots = 0..<Slot(slotCount.load(ordering: .relaxed))
        for slot in slots { nodes.setParent(of: slot, to: NodeTable.noParent) }
        guard let entry = entryPoint else { return }
        var growth = TreeGrowth(slotCount: slots.count, root: entry.slot)
        grow(&growth)
        for slot in slots where nodes.isLinked(slot) && !growth.isReached[Int(slot)] {
            relink(slot, from: entry, scratch: scratch)
            growth.reach(slot)
            grow(&growth)
        }
    }

    /// A breadth-first walk: what it has reached, and what is still to be looked at.
    private struct TreeGrowth {
        private(set) var isReached: [Bool]
        private var queue: [Slot]
        private var head = 0

        init(slotCount: Int, root: Slot) {
            isReached = Array(repeating: false, count: slotCount)
            queue = []
            reach(root)
        }

        mutating func reach(_ slot: Slot) {
            isReached[Int(slot)] = true
            queue.append(slot)
        }

        var hasMore: Bool { head < queue.count }

        mutating func next() -> Slot? {
            guard head < queue.count else { return nil }
            head += 1
            return queue[head - 1]
        }
    }

    /// Walks on from all reached nodes until nothing new is found.
    ///
    /// A node takes half a row of children at first, so that its other links stay free to change;
    /// the children that it leaves over are taken at the end, if nobody else has.
    private func grow(_ growth: inout TreeGrowth) {
        var leftOver: [(parent: Slot, child: Slot)] = []
        repeat {
            while let parent = growth.next() {
                var childCount = 0
                for child in row(parent, layer: 0).slots where !growth.isReached[Int(child)] {
                    guard childCount < links.baseCapacity / 2 else {
                        leftOver.append((parent, child))
                        continue
                    }
                    childCount += 1
                    nodes.setParent(of: child, to: parent)
                    growth.reach(child)
                }
            }
            while let (parent, child) = leftOver.popLast() {
                guard !growth.isReached[Int(child)] else { continue }
                nodes.setParent(of: child, to: parent)
                growth.reach(child)
                break
            }
        } while growth.hasMore
    }

    /// Links a node that cannot be reached to a near one that can.
    private func relink(_ slot: Slot, from entry: EntryPoint, scratch: SearchScratch) {
        let parent = takeParent(for: slot, near: [], from: entry, scratch: scratch)
        connect([slot], to: parent, layer: 0, scratch: scratch)
    }
}
