import Kernels
import Synchronization

/// An approximate index of vectors by key: a Hierarchical Navigable Small World graph in memory.
///
/// Malkov and Yashunin, arXiv:1603.09320, with these choices:
///
/// - *Memory.* Vectors, links and node records lie in segmented tables whose rows never move. Layer
///   0 is one flat table; the few nodes of the layers above have rows of their own.
/// - *Codes.* Walks measure eight-bit codes of the vectors (`CodeArena`), unless `quantization` is
///   `none`; hits are measured again from the vectors.
/// - *Reachability.* Every node but the entry point has a parent, whose layer-0 row names it and
///   may not drop it (`NodeTable`). So every live key can be reached from the entry point, always;
///   a search that comes out short goes back there.
/// - *Removal.* A removed node becomes a tombstone: still a way, no longer a hit. When tombstones
///   are many, consolidation links their neighbours to each other (FreshDiskANN, arXiv:2105.09613,
///   Algorithm 4) and frees their slots, for use once no search can still hold them
///   (`ScratchPool`).
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

    let vectors: VectorArena

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

    /// The slots of the live keys.
    let slotsByKey = Mutex<[ChunkKey: Slot]>([:])

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

        /// The tombstones.
        var deadSlots: [Slot] = []
    }

    /// Makes an empty index.
    ///
    /// - Parameters:
    ///   - dimension: elements of a vector, at least 1.
    ///   - metric: how vectors are compared; under `cosine` they are stored at unit length.
    ///   - parameters: what shapes the graph.
    package init(dimension: Int, metric: Metric, parameters: HNSWParameters) {
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

    /// How many live keys there are.
    package var count: Int {
        slotsByKey.withLock { $0.count }
    }

    /// How many removed nodes the graph still holds.
    package var tombstoneCount: Int {
        deadCount.load(ordering: .relaxed)
    }

    /// Whether walks measure codes.
    var hasCodes: Bool { parameters.quantization == .int8 }

    /// Bytes of the rows in use: vectors, codes, links, node records and the table of keys.
    package var byteCount: Int {
        let slotCount = slotCount.load(ordering: .relaxed)
        let slotByteCount =
            vectors.rowByteCount + (hasCodes ? codes.rowByteCount : 0)
            + links.rowByteCounts.base + nodes.rowByteCount
        let upperCount = writer.withLockIfAvailable { $0.upperCount }
        // While a writer is at work, the expected share: one row for each M - 1 slots.
        let upperRows = upperCount ?? slotCount / (parameters.connectivity - 1)
        let keyByteCount = 2 * (MemoryLayout<ChunkKey>.stride + MemoryLayout<Slot>.stride)
        return slotCount * (slotByteCount + keyByteCount)
            + upperRows * links.rowByteCounts.upper
    }

    /// A key's vector as it is stored (unit length under `cosine`), or nil for an unknown key.
    package func vector(for key: ChunkKey) -> [Float]? {
        // Inside an epoch, so that the slot is not reused between look-up and copy.
        scratches.withScratch { _ in
            slotsByKey.withLock { $0[key] }.map { vectors.vector(at: $0) }
        }
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
        vectors.reserve(count)
        if hasCodes { codes.reserve(count) }
    }

    /// Writes a slot's vector, and its code.
    ///
    /// Writer only, before the slot is published.
    func store(_ vector: Span<Float>, at slot: Slot) {
        vectors.store(vector, at: slot)
        // SAFETY: the vector was just written.
        if hasCodes { unsafe codes.store(vectors.pointer(slot), at: slot) }
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
