/// A binary heap of candidates, nearest on top: the open set of a filtered search, which unlike the
/// beam has no bound.
struct CandidateHeap {
    private var items: [Candidate] = []

    /// Forgets everything, keeps the memory.
    mutating func removeAll() {
        items.removeAll(keepingCapacity: true)
    }

    /// Adds a candidate.
    ///
    /// O(log n).
    mutating func push(_ candidate: Candidate) {
        var child = items.count
        items.append(candidate)
        while child > 0 {
            let parent = (child - 1) / 2
            guard candidate < items[parent] else { break }
            items[child] = items[parent]
            child = parent
        }
        items[child] = candidate
    }

    /// Takes the nearest candidate.
    ///
    /// O(log n).
    mutating func pop() -> Candidate? {
        guard let last = items.popLast() else { return nil }
        guard let top = items.first else { return last }
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < items.count else { break }
            if child + 1 < items.count, items[child + 1] < items[child] { child += 1 }
            guard items[child] < last else { break }
            items[parent] = items[child]
            parent = child
        }
        items[parent] = last
        return top
    }
}
