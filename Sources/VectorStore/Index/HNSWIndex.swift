import Kernels
import Synchronization

/// An approximate index of vectors by key: a Hierarchical Navigable Small World graph in memory.
///
/// Malkov and Yashunin, arXiv:1603.09320, with these choices:
///
/// - *Memory.* Vectors, links and node records lie in segmented tables whose rows never move. Layer
///   0 is one flat table; the few nodes of the layers above have rows of their own.
/// - *Codes.* Walks measure eight-bit codes of the vectors (`CodeArena`), unless `quantization` is
///   `none`; hits are measured again from the vectors, which a `VectorSource` may have.
/// - *Staging.* Vectors may be stored before they are linked: until the last one is, searches scan.
/// - *Reachability.* Every node but the entry point has a parent, whose layer-0 row names it and
///   may not drop it (`NodeTable`). So every live key can be reached from the entry point, always;
///   a search that comes out short goes back there.
/// - *Removal.* A removed node becomes a tombstone: still a way, no longer a hit. When tombstones
///   are many, a sweep links their neighbours to each other, some rows at each change (`Sweep`), and
///   frees their slots, for use once no search can still hold them (`ScratchPool`).
///
/// Thread safety: any number of threads may search while one writes. Readers take no lock that a
/// writer holds for longer than a dictionary access; writers queue behind `writer`.
package final class HNSWIndex: Sendable {
    /// Elements of a vector.
    package let dimension: Int

    /// How vectors are compared.
    package let metric: Metric

    /// What shapes the graph.
    package let parameters: HNSWParameters

    /// Empty when there is a `source`.
    let vectors: VectorArena

    /// What has the vectors; nil when the index does.
    let source: (any VectorSource)?

    /// Empty unless `hasCodes`.
    let codes: CodeArena
    let links: LinkTable
    let nodes = NodeTable()
    let scratches: ScratchPool

    /// `EntryPoint.word` of the entry point.
    let entryWord = Atomic(EntryPoint.none)

    /// Slots that have ever been handed out: every published slot is below.
    let slotCount = Atomic(0)

    /// Tombstones in the graph.
    let deadCount = Atomic(0)

    /// Slots that were handed out and are empty now.
    let freeCount = Atomic(0)

    /// Slots that are stored and not linked yet.
    let stagedCount = Atomic(0)

    /// The slots of the stored keys.
    let slotsByKey = Mutex(SlotDirectory())

    /// What filtered searches cost, once one has asked.
    let searchCosts = Mutex<SearchCosts?>(nil)

    /// Held by whoever changes the index, for the whole change.
    let writer = Mutex(WriterState())

    /// What only writers know.
    struct WriterState {
        /// Rows of the upper link table in use.
        var upperCount = 0

        /// Slots that may be handed out again.
        var freeSlots: [Slot] = []

        /// Slots that are unlinked, with the epoch whose searches may still hold them; oldest first.
        var retiredSlots: [(epoch: UInt64, slots: [Slot])] = []

        /// The tombstones that no sweep is taking out.
        var deadSlots: [Slot] = []

        /// The sweep under way.
        var sweep: Sweep?

        /// What is to be linked, in order; those that are not staged any more are passed over.
        var stagedSlots: [Slot] = []
        var stagedStart = 0
    }

    /// Makes an empty index.
    ///
    /// - Parameters:
    ///   - dimension: elements of a vector, at least 1.
    ///   - metric: how vectors are compared; under `cosine` they are stored at unit length.
    ///   - parameters: what shapes the graph.
    ///   - source: what has the vectors, when they are on disk.
    package init(
        dimension: Int,
        metric: Metric,
        parameters: HNSWParameters,
        source: (any VectorSource)? = nil
    ) {
        precondition((parameters.vectors == .disk) == (source != nil), "vectors in two places")
        self.source = source
        self.dimension = dimension
        self.metric = metric
        self.parameters = parameters
        vectors = VectorArena(dimension: dimension, metric: metric)
        codes = CodeArena(dimension: dimension, metric: metric)
        links = LinkTable(connectivity: parameters.connectivity)
        scratches = ScratchPool(
            slotCount: Self.groupCountMax + links.baseCapacity,
            codeByteCount: codes.codeByteCount
        )
    }

    /// How many keys are stored.
    package var count: Int {
        slotsByKey.withLock { $0.count }
    }

    /// Whether everything that is stored is in the graph.
    package var isComplete: Bool { stagedKeyCount == 0 }

    /// How many keys are stored and not linked yet.
    package var stagedKeyCount: Int { stagedCount.load(ordering: .acquiring) }

    /// Whether a key is stored.
    package func contains(_ key: ChunkKey) -> Bool {
        slotsByKey.withLock { $0[key] != nil }
    }

    /// How many removed nodes the graph still holds.
    package var tombstoneCount: Int {
        deadCount.load(ordering: .relaxed)
    }

    /// Whether walks measure codes.
    var hasCodes: Bool { parameters.quantization == .int8 }

    /// What the rows in use and the table of keys take.
    package var byteCounts: IndexByteCounts {
        let slotCount = slotCount.load(ordering: .relaxed)
        var counts = IndexByteCounts()
        counts.vectors = source == nil ? slotCount * vectors.rowByteCount : 0
        counts.codes = hasCodes ? slotCount * codes.rowByteCount : 0
        let upperCount = writer.withLockIfAvailable { $0.upperCount }
        // While a writer is at work, the expected share: one row for each M - 1 slots.
        let upperRows = upperCount ?? slotCount / (parameters.connectivity - 1)
        counts.graph =
            slotCount * (links.rowByteCounts.base + nodes.rowByteCount)
            + upperRows * links.rowByteCounts.upper
        counts.keys = slotsByKey.withLock { $0.byteCount }
        return counts
    }

    /// About how many bytes `count` further vectors take; those that freed slots have room for take none.
    package func growth(by count: Int) -> Int {
        let free = freeCount.load(ordering: .relaxed)
        let byteCount =
            (source == nil ? vectors.rowByteCount : 0) + (hasCodes ? codes.rowByteCount : 0)
            + links.rowByteCounts.base + nodes.rowByteCount
            + links.rowByteCounts.upper / (parameters.connectivity - 1)
            // A key lies beside others, and costs its slot.
            + MemoryLayout<Slot>.stride
        return max(0, count - free) * byteCount
    }

    /// Vectors as the index has them (unit length under `cosine`); unknown keys are left out.
    ///
    /// - Throws: `VectorStoreError` when they are on disk and cannot be read.
    package func vectors(
        for keys: [ChunkKey]
    ) throws(VectorStoreError) -> [ChunkKey: [Float]] {
        var found: [ChunkKey: [Float]] = [:]
        if let source {
            let known = keys.filter(contains)
            try source.read(known) { found[known[$0]] = prepared($1) }
            return found
        }
        // Inside an epoch, so that no slot is reused between look-up and copy.
        scratches.withScratch { _ in
            for key in keys {
                found[key] = slotsByKey.withLock { $0[key] }.map { vectors.vector(at: $0) }
            }
        }
        return found
    }

    /// Refuses a vector that the index cannot hold or search for.
    ///
    /// - Throws: `VectorStoreError` with code `dimensionMismatch` or `notFinite`.
    package func validate(_ vector: [Float]) throws(VectorStoreError) {
        guard vector.count == dimension else {
            throw VectorStoreError(
                .dimensionMismatch,
                "expected a vector of \(dimension) elements, got \(vector.count)"
            )
        }
        guard VectorMath.isFinite(vector) else {
            throw VectorStoreError(.notFinite, "the vector holds NaN or an infinity")
        }
    }

    // MARK: - Shared by the extensions

    /// Where searches begin; nil when nothing is linked.
    var entryPoint: EntryPoint? {
        EntryPoint(word: entryWord.load(ordering: .acquiring))
    }

    /// The links of a slot on a layer that it is on.
    @inline(__always)
    func row(_ slot: Slot, layer: Int) -> LinkRow {
        if layer == 0 { return links.row(slot) }
        return links.row(upper: nodes.upperRow(of: slot) + UInt32(layer - 1))
    }

    /// Makes the rows of slots 0..<count exist.
    ///
    /// Writer only.
    func reserveRows(_ count: Int) {
        if source == nil { vectors.reserve(count) }
        if hasCodes { codes.reserve(count) }
    }

    /// Writes a slot's vector, and its code.
    ///
    /// Writer only, before the slot is published.
    func store(_ vector: Span<Float>, at slot: Slot) {
        if source == nil { vectors.store(vector, at: slot) }
        guard hasCodes else { return }
        // SAFETY: a vector that is stored has `dimension` elements, and is read during the call only.
        unsafe vector.withUnsafeBufferPointer { elements in
            if let first = elements.baseAddress { unsafe codes.store(first, at: slot) }
        }
    }

    /// The vector as the metric wants it stored and asked for.
    func prepared(_ vector: [Float]) -> [Float] {
        precondition(vector.count == dimension, "\(vector.count) elements, not \(dimension)")
        guard metric == .cosine else { return vector }
        var unit = vector
        VectorMath.normalize(&unit)
        return unit
    }
}
