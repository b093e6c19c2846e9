import Atomics
import Kernels

/// One node's links on one layer: slots, then `LinkRow.end` up to the capacity.
///
/// Words are atomic one by one. A reader that meets a writer may see some links of the old list and
/// some of the new one; each is a published slot, which is all that a search needs.
@safe
struct LinkRow {
    /// Marks the first place that is not used.
    static let end = Slot.max

    private let words: UnsafeMutablePointer<UnsafeAtomic<Slot>.Storage>

    /// How many links fit.
    let capacity: Int

    fileprivate init(words: UnsafeMutablePointer<UnsafeAtomic<Slot>.Storage>, capacity: Int) {
        unsafe self.words = unsafe words
        self.capacity = capacity
    }

    /// The link at `index`, or `end`.
    ///
    /// Acquiring: what was written before the link is visible.
    @inline(__always)
    subscript(index: Int) -> Slot {
        // SAFETY: callers stay below `capacity`; the words live as long as the table.
        unsafe UnsafeAtomic<Slot>(at: words + index).load(ordering: .acquiring)
    }

    /// How many links there are.
    var count: Int {
        var count = 0
        while count < capacity, self[count] != Self.end { count += 1 }
        return count
    }

    /// The links as an array.
    var slots: [Slot] {
        (0..<count).map { self[$0] }
    }

    /// Whether `slot` is among the links.
    func contains(_ slot: Slot) -> Bool {
        (0..<count).contains { self[$0] == slot }
    }

    /// Publishes a link at `index`.
    ///
    /// One thread at a time for each row.
    func set(_ slot: Slot, at index: Int) {
        precondition(index < capacity, "link \(index) of \(capacity)")
        // SAFETY: just checked.
        unsafe UnsafeAtomic<Slot>(at: words + index).store(slot, ordering: .releasing)
    }

    /// Publishes a new list.
    ///
    /// One thread at a time for each row.
    func replace(with slots: some Swift.Collection<Slot>) {
        precondition(slots.count <= capacity, "\(slots.count) links of \(capacity)")
        for (index, slot) in slots.enumerated() {
            set(slot, at: index)
        }
        for index in slots.count..<capacity {
            set(Self.end, at: index)
        }
    }

    /// Makes all places unused; the only call that may see uninitialised memory.
    fileprivate func initialize() {
        for index in 0..<capacity {
            // SAFETY: the row was reserved with this capacity and is not published.
            unsafe (words + index).initialize(to: UnsafeAtomic<Slot>.Storage(Self.end))
        }
    }

    /// Asks for the row to be brought near.
    @inline(__always)
    func prefetch() {
        unsafe Prefetch.bytes(capacity * MemoryLayout<Slot>.stride, at: UnsafeRawPointer(words))
    }
}

/// Who is linked to whom: a flat table for layer 0, which every node is on, and rows on demand for
/// the few nodes of the layers above.
struct LinkTable: ~Copyable, Sendable {
    private let base: SegmentedRows
    private let upper: SegmentedRows

    /// Links a node may have on layer 0 (`Mmax0` in the paper: 2 · M, as it advises).
    let baseCapacity: Int

    /// Links a node may have on each layer above (`Mmax` in the paper: M).
    let upperCapacity: Int

    /// Makes a table without rows.
    init(connectivity: Int) {
        baseCapacity = 2 * connectivity
        upperCapacity = connectivity
        base = SegmentedRows(rowByteCount: baseCapacity * MemoryLayout<Slot>.stride)
        upper = SegmentedRows(rowByteCount: upperCapacity * MemoryLayout<Slot>.stride)
    }

    /// Bytes of a node on layer 0, and of a node on one layer above.
    var rowByteCounts: (base: Int, upper: Int) { (base.rowByteCount, upper.rowByteCount) }

    /// Makes `slotCount` rows on layer 0 and `upperCount` rows above exist.
    ///
    /// Writer only.
    func reserve(slotCount: Int, upperCount: Int) {
        base.reserve(slotCount)
        upper.reserve(upperCount)
    }

    /// Empties the rows of a slot that is not published.
    ///
    /// Writer only.
    func clear(_ slot: Slot, upperRow: UInt32, level: Int) {
        row(slot).initialize()
        for layer in 0..<level {
            row(upper: upperRow + UInt32(layer)).initialize()
        }
    }

    /// A slot's links on layer 0.
    @inline(__always)
    func row(_ slot: Slot) -> LinkRow {
        // SAFETY: reserved rows hold `baseCapacity` atomic words and nothing else.
        unsafe LinkRow(
            words: base.address(slot).assumingMemoryBound(to: UnsafeAtomic<Slot>.Storage.self),
            capacity: baseCapacity
        )
    }

    /// The links in a row of the layers above.
    @inline(__always)
    func row(upper row: UInt32) -> LinkRow {
        // SAFETY: reserved rows hold `upperCapacity` atomic words and nothing else.
        unsafe LinkRow(
            words: upper.address(row).assumingMemoryBound(to: UnsafeAtomic<Slot>.Storage.self),
            capacity: upperCapacity
        )
    }
}
