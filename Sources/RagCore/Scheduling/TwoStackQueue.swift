/// First in, first out, in two arrays: one that grows, and one that is taken from the end.
///
/// - Complexity: O(1) an element, amortised: each is moved once from one array to the other.
struct TwoStackQueue<Element> {
    private var incoming: [Element] = []
    private var outgoing: [Element] = []

    var isEmpty: Bool { incoming.isEmpty && outgoing.isEmpty }

    mutating func append(_ element: Element) {
        incoming.append(element)
    }

    mutating func popFirst() -> Element? {
        if outgoing.isEmpty {
            outgoing = incoming.reversed()
            incoming.removeAll(keepingCapacity: true)
        }
        return outgoing.popLast()
    }
}

extension TwoStackQueue: Sendable where Element: Sendable {}
