/// Where every search begins: a node on the highest layer, which is also the root of the tree of
/// parents.
///
/// Packed in one word, so that slot and level are always read together.
struct EntryPoint: Sendable {
    /// The node.
    let slot: Slot

    /// Its level: the layer on which a search starts.
    let level: Int

    /// The word that stands for an empty graph.
    static let none = UInt64.max

    /// An entry point as one word.
    var word: UInt64 { UInt64(level) << 32 | UInt64(slot) }

    /// Makes an entry point.
    init(slot: Slot, level: Int) {
        self.slot = slot
        self.level = level
    }

    /// Unpacks a word; nil for `none`.
    init?(word: UInt64) {
        guard word != Self.none else { return nil }
        slot = Slot(truncatingIfNeeded: word)
        level = Int(word >> 32)
    }
}
