import StrictJSON

/// The rules of byte-pair encoding: which two tokens become which third, and in what order.
///
/// A flat hash table with linear probing, at most half full: a look-up is one or two cells.
///
/// Thread safety: immutable.
struct MergeTable: Sendable {
    /// A rule's place in the order and its result, in one word; smaller is earlier.
    struct Merge: Sendable, Equatable, Comparable {
        fileprivate let word: UInt64

        /// No rule; after all others.
        static let none = Merge(word: .max)

        var rank: UInt32 { UInt32(word >> 32) }
        var id: Int32 { Int32(truncatingIfNeeded: word) }

        @inline(__always)
        static func < (first: Merge, second: Merge) -> Bool { first.word < second.word }
    }

    private struct Cell {
        var key = MergeTable.vacant
        var merge = Merge.none
    }

    /// Both ids would have to be -1.
    private static let vacant = UInt64.max
    /// 2^64 by the golden ratio (Knuth, "The Art of Computer Programming", section 6.4).
    private static let multiplier: UInt64 = 0x9e37_79b9_7f4a_7c15

    private var cells: [Cell]
    private let shift: UInt64

    /// Reads `merges`: pairs of tokens, as arrays or parted by a space.
    init(_ node: JSONNode, vocabulary: Vocabulary) throws(EmbedderError) {
        let elements = try node.elements()
        var bits: UInt64 = 4
        while (1 << bits) < elements.count * 2 { bits += 1 }
        cells = [Cell](repeating: Cell(), count: 1 << bits)
        shift = 64 - bits
        for (rank, element) in elements.enumerated() {
            let pair = try Self.pair(element)
            let left = vocabulary.id(token: pair.left)
            let right = vocabulary.id(token: pair.right)
            guard let left, let right, let id = vocabulary.id(token: pair.left + pair.right) else {
                throw element.failure("merges into or from what is not in the vocabulary")
            }
            // Of a rule that is given twice the later one counts, as in the reference.
            insert(Self.key(left, right), Merge(word: UInt64(rank) << 32 | UInt64(id)))
        }
    }

    private static func pair(
        _ node: JSONNode
    ) throws(EmbedderError) -> (left: String, right: String) {
        if case .string(let text) = node.value.content {
            let parts = text.utf8.split(
                separator: UInt8(ascii: " "),
                omittingEmptySubsequences: false
            )
            guard parts.count == 2 else { throw node.failure("must be two tokens and a space") }
            return (String(Substring(parts[0])), String(Substring(parts[1])))
        }
        let parts = try node.elements()
        guard parts.count == 2 else { throw node.failure("must be two tokens") }
        return (try parts[0].string(), try parts[1].string())
    }

    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    private mutating func insert(_ key: UInt64, _ merge: Merge) {
        var index = home(of: key)
        while cells[index].key != Self.vacant, cells[index].key != key { index = after(index) }
        cells[index] = Cell(key: key, merge: merge)
    }

    /// What becomes of two tokens that stand beside each other.
    @inline(__always)
    subscript(left: Int32, right: Int32) -> Merge {
        let key = Self.key(left, right)
        var index = home(of: key)
        while true {
            let cell = cells[index]
            // A vacant cell holds no rule.
            if cell.key == key || cell.key == Self.vacant { return cell.merge }
            index = after(index)
        }
    }

    @inline(__always)
    private func home(of key: UInt64) -> Int {
        // Safe: a hash may wrap.
        Int((key &* Self.multiplier) >> shift)
    }

    @inline(__always)
    private func after(_ index: Int) -> Int {
        index + 1 == cells.count ? 0 : index + 1
    }
}
