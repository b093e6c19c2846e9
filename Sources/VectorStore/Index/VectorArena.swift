import Kernels

/// The vectors of an index, one row a slot, at addresses that never change.
///
/// Rows start on cache lines. A row is written once, before its slot is published, and not again
/// until the slot is reused, which waits for every search that may still see it.
@safe
struct VectorArena: ~Copyable, Sendable {
    private let rows: SegmentedRows
    private let kernel: DistanceKernel

    /// Elements of a vector.
    let dimension: Int

    /// Bytes of a vector in memory.
    var rowByteCount: Int { rows.rowByteCount }

    /// Makes an arena without vectors.
    init(dimension: Int, metric: Metric) {
        let lineByteCount = 64
        let byteCount = dimension * MemoryLayout<Float>.stride
        rows = SegmentedRows(
            rowByteCount: (byteCount + lineByteCount - 1) / lineByteCount * lineByteCount
        )
        self.dimension = dimension
        let form: DistanceKernel.Form =
            switch metric {
            case .cosine: .oneMinusDot
            case .dot: .negatedDot
            case .euclidean: .squaredDistance
            }
        kernel = DistanceKernel(form, dimension: dimension)
    }

    /// Makes slots 0..<count exist.
    ///
    /// Writer only.
    func reserve(_ count: Int) {
        rows.reserve(count)
    }

    /// Writes a slot's vector.
    ///
    /// Writer only, before the slot is published.
    func store(_ vector: Span<Float>, at slot: Slot) {
        precondition(vector.count == dimension, "\(vector.count) elements, not \(dimension)")
        let target = unsafe rows.address(slot).assumingMemoryBound(to: Float.self)
        // SAFETY: the row has room for `dimension` Floats, and nobody reads it yet.
        unsafe vector.withUnsafeBufferPointer { source in
            guard let first = source.baseAddress else { return }
            unsafe target.initialize(from: first, count: source.count)
        }
    }

    /// A copy of a slot's vector.
    func vector(at slot: Slot) -> [Float] {
        // SAFETY: a published slot's row holds `dimension` initialised Floats.
        unsafe Array(UnsafeBufferPointer(start: pointer(slot), count: dimension))
    }

    /// The address of a slot's vector: `dimension` Floats.
    @inline(__always)
    func pointer(_ slot: Slot) -> UnsafePointer<Float> {
        // SAFETY: rows hold Floats only.
        unsafe UnsafePointer(rows.address(slot).assumingMemoryBound(to: Float.self))
    }

    /// The distance from `query` to a vector that is not in the arena.
    func distance(from query: UnsafePointer<Float>, to vector: [Float]) -> Float {
        precondition(vector.count == dimension, "\(vector.count) elements, not \(dimension)")
        var distance: Float = 0
        // SAFETY: both hold `dimension` Floats, and the arrays of one outlive the call.
        unsafe vector.withUnsafeBufferPointer { elements in
            guard var row = elements.baseAddress else { return }
            unsafe kernel.distances(from: query, to: &row, count: 1, into: &distance)
        }
        return distance
    }

    /// Computes the distances from `query` to `count` slots into the batch's.
    @inline(__always)
    func measure(
        _ slots: UnsafePointer<Slot>,
        count: Int,
        from query: UnsafePointer<Float>,
        _ batch: SlotBatch
    ) {
        for index in 0..<count {
            // SAFETY: `count` is at most the batch's capacity, and the slots' rows are written.
            unsafe batch.rows[index] = pointer(slots[index])
        }
        // SAFETY: the rows were just set; `distances` has the batch's capacity.
        unsafe kernel.distances(
            from: query,
            to: batch.rows,
            count: count,
            into: batch.distances
        )
    }
}
