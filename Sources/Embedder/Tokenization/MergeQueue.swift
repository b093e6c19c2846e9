/// The pairs of a long word that may merge, first rule first and leftmost first among equals, and
/// which symbols stand beside each other.
struct MergeQueue {
    /// A binary heap of rule and position, in one word each so that they compare at once.
    private var heap: [UInt64] = []
    private var nexts: [UInt32] = []
    private var previouses: [UInt32] = []

    /// Empties the queue for a word of `count` symbols.
    mutating func begin(count: Int) {
        precondition(count < UInt32.max, "a word of \(count) bytes")
        heap.removeAll(keepingCapacity: true)
        nexts.removeAll(keepingCapacity: true)
        previouses.removeAll(keepingCapacity: true)
        nexts.append(contentsOf: 1...UInt32(count))
        previouses.append(0)
        previouses.append(contentsOf: 0..<UInt32(count))
    }

    // MARK: - Neighbours

    /// The symbol after that at `position`; the count of all after the last.
    func next(_ position: Int) -> Int { Int(nexts[position]) }

    /// The symbol before that at `position`, which is not the first.
    func previous(_ position: Int) -> Int { Int(previouses[position]) }

    /// Takes the symbol at `position` out, which is not the first.
    mutating func unlink(_ position: Int) {
        nexts[Int(previouses[position])] = nexts[position]
        previouses[Int(nexts[position])] = previouses[position]
    }

    // MARK: - Pairs

    /// Adds the pair at `position`, unless it does not merge.
    mutating func push(_ merge: MergeTable.Merge, at position: Int) {
        guard merge != .none else { return }
        heap.append(UInt64(merge.rank) << 32 | UInt64(position))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child] < heap[parent] else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the first pair out.
    mutating func pop() -> (rank: UInt32, position: Int)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (UInt32(first >> 32), Int(first & 0xffff_ffff))
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            guard heap[child] < heap[parent] else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
