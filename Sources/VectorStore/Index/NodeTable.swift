import Atomics

/// What an index knows of each slot besides vector and links: key, level, state, parent, and how many
/// children it has.
///
/// *Parent*: every linked node but the entry point has one, a node whose layer-0 row names it and
/// that may not drop it. Parents form a tree rooted at the entry point, which is why every node can
/// be reached from there after any sequence of inserts.
///
/// Thread safety: key, level and upper row are written before the slot is published; state and
/// parent are atomic. One thread at a time changes parents.
struct NodeTable: ~Copyable, Sendable {
    /// Whether a slot counts.
    enum State: UInt32 {
        /// Not in the graph.
        case free = 0
        /// In the graph, and a hit.
        case live = 1
        /// Removed: still a way to its neighbours, no longer a hit.
        case tombstone = 2
        /// A hit of scans, and not in the graph yet.
        case staged = 3
        /// A tombstone that a sweep is taking out.
        case dying = 4
    }

    /// Stands for "no parent".
    static let noParent = Slot.max

    /// Levels above this are not drawn: at M = 2 one node in 2^30 would be.
    static let levelMax = 30

    // A row: key (8 bytes), upper row, level, state, parent, children (4 bytes each), padding to 32.
    private enum Field {
        static let upperRow = 8
        static let level = 12
        static let state = 16
        static let parent = 20
        static let childCount = 24
    }

    private typealias Word = UnsafeAtomic<UInt32>

    private let rows = SegmentedRows(rowByteCount: 32)

    /// Bytes of a row.
    var rowByteCount: Int { rows.rowByteCount }

    /// Makes slots 0..<count exist.
    ///
    /// Writer only.
    func reserve(_ count: Int) {
        rows.reserve(count)
    }

    /// Sets up a new slot: free, without a parent.
    ///
    /// Writer only, before it is published.
    func initialize(_ slot: Slot, level: Int, upperRow: UInt32) {
        // SAFETY: the row is reserved, 32 bytes long, aligned to 32, and not shared yet.
        unsafe rows.address(slot).initializeMemory(as: UInt64.self, repeating: 0, count: 4)
        word(slot, Field.level).store(UInt32(level), ordering: .relaxed)
        word(slot, Field.upperRow).store(upperRow, ordering: .relaxed)
        word(slot, Field.parent).store(Self.noParent, ordering: .relaxed)
    }

    /// Gives a slot to a key.
    ///
    /// Writer only, before it is published.
    func setKey(of slot: Slot, to key: ChunkKey) {
        unsafe UnsafeAtomic<Int64>(
            at: rows.address(slot).assumingMemoryBound(to: UnsafeAtomic<Int64>.Storage.self)
        ).store(key, ordering: .relaxed)
    }

    /// The key that a slot stands for.
    func key(of slot: Slot) -> ChunkKey {
        unsafe UnsafeAtomic<Int64>(
            at: rows.address(slot).assumingMemoryBound(to: UnsafeAtomic<Int64>.Storage.self)
        ).load(ordering: .relaxed)
    }

    /// The highest layer that a slot is on.
    @inline(__always)
    func level(of slot: Slot) -> Int {
        Int(word(slot, Field.level).load(ordering: .relaxed))
    }

    /// A slot's first row in the table of upper links.
    @inline(__always)
    func upperRow(of slot: Slot) -> UInt32 {
        word(slot, Field.upperRow).load(ordering: .relaxed)
    }

    /// Whether a slot is a hit of walks.
    @inline(__always)
    func isLive(_ slot: Slot) -> Bool {
        state(of: slot) == .live
    }

    /// Whether a slot is a hit of scans.
    @inline(__always)
    func isStored(_ slot: Slot) -> Bool {
        let state = state(of: slot)
        return state == .live || state == .staged
    }

    /// Whether a slot is part of the graph.
    func isLinked(_ slot: Slot) -> Bool {
        switch state(of: slot) {
        case .live, .tombstone, .dying: true
        case .free, .staged: false
        }
    }

    /// Whether a sweep is taking a slot out.
    @inline(__always)
    func isDying(_ slot: Slot) -> Bool {
        state(of: slot) == .dying
    }

    /// A slot's state.
    @inline(__always)
    func state(of slot: Slot) -> State {
        State(rawValue: word(slot, Field.state).load(ordering: .acquiring)) ?? .free
    }

    /// Changes a slot's state.
    ///
    /// Writer only.
    func setState(of slot: Slot, to state: State) {
        word(slot, Field.state).store(state.rawValue, ordering: .releasing)
    }

    /// The node that guarantees the way to `slot`, or `noParent`.
    @inline(__always)
    func parent(of slot: Slot) -> Slot {
        word(slot, Field.parent).load(ordering: .acquiring)
    }

    /// How many nodes have `slot` as their parent.
    func childCount(of slot: Slot) -> Int {
        Int(word(slot, Field.childCount).load(ordering: .relaxed))
    }

    /// Changes a slot's parent.
    ///
    /// One thread at a time.
    func setParent(of slot: Slot, to parent: Slot) {
        let former = self.parent(of: slot)
        if former != Self.noParent { addChildren(-1, to: former) }
        if parent != Self.noParent { addChildren(1, to: parent) }
        word(slot, Field.parent).store(parent, ordering: .releasing)
    }

    private func addChildren(_ count: Int, to slot: Slot) {
        let total = childCount(of: slot) + count
        word(slot, Field.childCount).store(UInt32(total), ordering: .relaxed)
    }

    @inline(__always)
    private func word(_ slot: Slot, _ offset: Int) -> Word {
        // SAFETY: every field is an aligned 4-byte word inside a reserved row of 32 bytes, and is
        // accessed as an atomic word only.
        unsafe Word(
            at: (rows.address(slot) + offset).assumingMemoryBound(to: Word.Storage.self)
        )
    }
}
