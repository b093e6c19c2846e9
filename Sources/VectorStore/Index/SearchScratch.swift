/// Everything one search or insert writes besides the index: allocated once, used again and again.
///
/// Thread safety: used by one thread at a time; `ScratchPool` hands it out.
// Guard: `ScratchPool` gives a scratch to one caller at a time.
// SAFETY: every buffer is allocated here, grown before it is lent at a capacity, and freed in deinit;
// what is lent is used by the same caller before it asks for the buffer again.
@safe
final class SearchScratch: @unchecked Sendable {
    /// Neighbours that are being measured: up to one row of links, or a block of a scan.
    let batch: SlotBatch

    /// Slots that neighbour selection has taken so far.
    let chosen: UnsafeMutablePointer<Slot>

    /// Room for the codes of what is measured from: as it is stored, and as probes have it.
    let encodedCode: UnsafeMutablePointer<UInt8>
    let probeCode: UnsafeMutablePointer<Int8>
    let candidateCode: UnsafeMutablePointer<Int8>

    /// The open set of a filtered search.
    var openSet = CandidateHeap()

    private let batchCapacity: Int
    private var stamps: UnsafeMutablePointer<UInt8>
    private var stampCount = 0
    private var stamp: UInt8 = 0
    private var beam: UnsafeMutablePointer<Candidate>
    private var beamCapacity = 0
    private var list: UnsafeMutablePointer<Candidate>
    private var listCapacity = 0

    /// Makes the scratch for batches of up to `slotCount` slots, and codes of `codeByteCount` bytes.
    init(slotCount: Int, codeByteCount: Int) {
        batchCapacity = slotCount
        // SAFETY: allocated here, freed in deinit or when a larger piece takes their place; written
        // before they are read, by the one thread that holds the scratch.
        unsafe batch = SlotBatch(capacity: batchCapacity)
        unsafe chosen = .allocate(capacity: batchCapacity)
        unsafe encodedCode = .allocate(capacity: codeByteCount)
        unsafe probeCode = .allocate(capacity: codeByteCount)
        unsafe candidateCode = .allocate(capacity: codeByteCount)
        unsafe stamps = .allocate(capacity: 1)
        unsafe beam = .allocate(capacity: 1)
        unsafe list = .allocate(capacity: 1)
    }

    deinit {
        unsafe batch.deallocate()
        unsafe chosen.deallocate()
        unsafe encodedCode.deallocate()
        unsafe probeCode.deallocate()
        unsafe candidateCode.deallocate()
        unsafe stamps.deallocate()
        unsafe beam.deallocate()
        unsafe list.deallocate()
    }

    /// Slots that fit into the batch.
    var blockCount: Int { batchCapacity }

    /// An empty visited set over slots 0..<slotCount; the one before becomes void.
    ///
    /// Starting over costs nothing but every 255th time: a slot is visited when it carries the
    /// current stamp. One byte a slot keeps the set of 100,000 slots inside a second-level cache.
    func makeVisitedSet(slotCount: Int) -> VisitedSet {
        // SAFETY: `stampCount` elements are allocated and initialised before they are handed out; the
        // visited set before, which points to the old ones, is void from here on.
        if slotCount > stampCount {
            unsafe stamps.deallocate()
            stampCount = max(slotCount, 2 * stampCount)
            unsafe stamps = .allocate(capacity: stampCount)
            unsafe stamps.initialize(repeating: 0, count: stampCount)
            stamp = 0
        }
        if stamp == .max {
            unsafe stamps.update(repeating: 0, count: stampCount)
            stamp = 0
        }
        stamp += 1
        return unsafe VisitedSet(stamps: stamps, stamp: stamp, slotCount: slotCount)
    }

    /// An empty beam of `capacity` candidates; the one before becomes void.
    func makeBeam(capacity: Int) -> CandidateList {
        unsafe Self.grow(&beam, &beamCapacity, to: capacity)
        return unsafe CandidateList(items: beam, capacity: capacity)
    }

    /// An empty list beside the beam, for neighbour selection; the one before becomes void.
    func makeList(capacity: Int) -> CandidateList {
        unsafe Self.grow(&list, &listCapacity, to: capacity)
        return unsafe CandidateList(items: list, capacity: capacity)
    }

    private static func grow(
        _ items: inout UnsafeMutablePointer<Candidate>,
        _ capacity: inout Int,
        to wanted: Int
    ) {
        guard wanted > capacity else { return }
        // SAFETY: the list before, which points to the old items, is void when a new one is made.
        unsafe items.deallocate()
        capacity = max(wanted, 2 * capacity)
        unsafe items = .allocate(capacity: capacity)
    }
}

/// Slots, where their vectors or codes are, and how far: parallel arrays for the kernels.
// SAFETY: the arrays have the same capacity and live until the scratch that owns them goes.
@unsafe
struct SlotBatch {
    let slots: UnsafeMutablePointer<Slot>
    let rows: UnsafeMutablePointer<UnsafePointer<Float>>
    let codes: UnsafeMutablePointer<UnsafePointer<UInt8>>
    let products: UnsafeMutablePointer<Int32>
    let distances: UnsafeMutablePointer<Float>

    fileprivate init(capacity: Int) {
        unsafe slots = .allocate(capacity: capacity)
        unsafe rows = .allocate(capacity: capacity)
        unsafe codes = .allocate(capacity: capacity)
        unsafe products = .allocate(capacity: capacity)
        unsafe distances = .allocate(capacity: capacity)
    }

    fileprivate func deallocate() {
        unsafe slots.deallocate()
        unsafe rows.deallocate()
        unsafe codes.deallocate()
        unsafe products.deallocate()
        unsafe distances.deallocate()
    }
}

/// The slots that a search has met.
// SAFETY: the stamps hold `slotCount` bytes, and belong to the scratch that lends them.
@safe
struct VisitedSet {
    private let stamps: UnsafeMutablePointer<UInt8>
    private let stamp: UInt8
    private let slotCount: Int

    fileprivate init(stamps: UnsafeMutablePointer<UInt8>, stamp: UInt8, slotCount: Int) {
        unsafe self.stamps = unsafe stamps
        self.stamp = stamp
        self.slotCount = slotCount
    }

    /// Marks a slot.
    ///
    /// - Returns: false when it was marked before, or lies past the slots that existed when the
    ///   search began (`LinkRow.end` included): then it is not to be followed.
    @inline(__always)
    func insert(_ slot: Slot) -> Bool {
        guard Int(slot) < slotCount else { return false }
        // SAFETY: just checked; the stamps outlive the search.
        if unsafe stamps[Int(slot)] == stamp { return false }
        unsafe stamps[Int(slot)] = stamp
        return true
    }
}

/// The nearest `capacity` candidates seen, nearest first: the beam of a search.
///
/// A sorted array beats two heaps at beam widths of some hundreds: candidates fit a word, so that
/// an insert is one binary search and one short move of memory.
@safe
struct CandidateList {
    private let items: UnsafeMutablePointer<Candidate>

    /// How many candidates it keeps.
    let capacity: Int

    /// How many it has.
    private(set) var count = 0

    fileprivate init(items: UnsafeMutablePointer<Candidate>, capacity: Int) {
        unsafe self.items = unsafe items
        self.capacity = capacity
    }

    /// Whether `candidate` would be kept.
    @inline(__always)
    func accepts(_ candidate: Candidate) -> Bool {
        // SAFETY: a full list with a capacity has a last item.
        unsafe count < capacity || (capacity > 0 && candidate < items[count - 1])
    }

    /// Whether `candidate` is no farther than the last item, or there is room after it.
    func reaches(_ candidate: Candidate) -> Bool {
        // SAFETY: as in `accepts`.
        unsafe count < capacity || (capacity > 0 && !(items[count - 1] < candidate))
    }

    /// Keeps `candidate` when it is near enough.
    ///
    /// - Returns: where it went; `capacity` when it was not kept.
    @inline(__always)
    mutating func insert(_ candidate: Candidate) -> Int {
        guard accepts(candidate) else { return capacity }
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            // SAFETY: 0 <= middle < count.
            if unsafe items[middle] < candidate { low = middle + 1 } else { high = middle }
        }
        if count < capacity { count += 1 }
        // SAFETY: low < count <= capacity; the items after `low` move up by one and the last one
        // falls off when the list was full.
        unsafe (items + low + 1).update(from: items + low, count: count - 1 - low)
        unsafe items[low] = candidate
        return low
    }

    /// The candidate at a place below `count`.
    @inline(__always)
    subscript(index: Int) -> Candidate {
        // SAFETY: callers stay below `count`.
        unsafe items[index]
    }

    /// Marks a candidate as expanded and returns it.
    @inline(__always)
    func expand(_ index: Int) -> Candidate {
        // SAFETY: callers stay below `count`. The mark is the lowest bit: the order stays.
        unsafe items[index].isExpanded = true
        return unsafe items[index]
    }
}
