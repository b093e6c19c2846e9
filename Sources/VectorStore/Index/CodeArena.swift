import Kernels

/// The vectors of an index as eight-bit codes: what a walk through the graph measures.
///
/// A quarter of the memory to fetch, which is what a walk spends its time on. Distances are good enough
/// to find the way and not to be answers: hits are measured again from the vectors (`rescored`).
/// Codes start on cache lines; what else a distance takes lies in a table of its own, so small that it
/// stays near the core.
///
/// Thread safety: as for `VectorArena`.
@safe
struct CodeArena: ~Copyable, Sendable {
    private let codes: SegmentedRows

    /// Scales, and under `euclidean` squared lengths beside them.
    private let terms: SegmentedRows

    private let dimension: Int
    private let metric: Metric

    /// Bytes of a code.
    let codeByteCount: Int

    /// Bytes of a slot.
    var rowByteCount: Int { codes.rowByteCount + terms.rowByteCount }

    /// Makes an arena without codes.
    init(dimension: Int, metric: Metric) {
        codeByteCount = ByteCodes.byteCount(dimension: dimension)
        codes = SegmentedRows(rowByteCount: codeByteCount)
        terms = SegmentedRows(
            rowByteCount: (metric == .euclidean ? 2 : 1) * MemoryLayout<Float>.stride
        )
        self.dimension = dimension
        self.metric = metric
    }

    /// Makes slots 0..<count exist.
    ///
    /// Writer only.
    func reserve(_ count: Int) {
        codes.reserve(count)
        terms.reserve(count)
    }

    /// Writes the code of a slot's vector.
    ///
    /// Writer only, before the slot is published.
    func store(_ vector: UnsafePointer<Float>, at slot: Slot) {
        // SAFETY: the vector holds `dimension` elements, the rows have room for its code and its terms,
        // and nobody reads them yet.
        let code = unsafe codes.address(slot).assumingMemoryBound(to: UInt8.self)
        let terms = unsafe terms(of: slot)
        unsafe terms.initialize(
            to: ByteCodes.encode(vector, dimension: dimension, into: code)
        )
        if metric == .euclidean {
            unsafe (terms + 1).initialize(to: squaredLength(vector))
        }
    }

    /// What distances from `query`, of `dimension` elements, are measured from.
    ///
    /// The rooms hold `codeByteCount` bytes each and must outlive it.
    func probe(
        of query: UnsafePointer<Float>,
        in room: UnsafeMutablePointer<Int8>,
        by way: UnsafeMutablePointer<UInt8>
    ) -> CodeProbe {
        // SAFETY: the caller's promise.
        let scale = unsafe ByteCodes.encode(query, dimension: dimension, into: way)
        let squaredLength = unsafe metric == .euclidean ? squaredLength(query) : 0
        let code = unsafe ByteCodes.Query(of: way, byteCount: codeByteCount, in: room)
        return CodeProbe(code: code, metric: metric, scale: scale, squaredLength: squaredLength)
    }

    /// What distances from a slot are measured from.
    ///
    /// The room holds `codeByteCount` bytes and must outlive it.
    func probe(of slot: Slot, in room: UnsafeMutablePointer<Int8>) -> CodeProbe {
        // SAFETY: a slot's rows are written before it is measured; the room is the caller's promise.
        let terms = unsafe terms(of: slot)
        return unsafe CodeProbe(
            code: ByteCodes.Query(of: code(of: slot), byteCount: codeByteCount, in: room),
            metric: metric,
            scale: terms[0],
            squaredLength: metric == .euclidean ? terms[1] : 0
        )
    }

    /// Asks for a slot's code to be brought near.
    @inline(__always)
    func prefetch(_ slot: Slot) {
        unsafe Prefetch.bytes(codeByteCount, at: UnsafeRawPointer(code(of: slot)))
        unsafe Prefetch.bytes(1, at: UnsafeRawPointer(terms(of: slot)))
    }

    /// Computes the distances from `probe` to `count` slots into the batch's.
    @inline(__always)
    func measure(
        _ slots: UnsafePointer<Slot>,
        count: Int,
        from probe: CodeProbe,
        _ batch: SlotBatch
    ) {
        // SAFETY: `count` is at most the batch's capacity, and the slots' rows are written.
        for index in 0..<count {
            unsafe batch.codes[index] = code(of: slots[index])
        }
        unsafe probe.code.products(with: batch.codes, count: count, into: batch.products)
        if metric == .euclidean {
            for index in 0..<count {
                let terms = unsafe terms(of: slots[index])
                unsafe batch.distances[index] =
                    probe.offset + terms[1] + probe.factor * terms[0]
                    * Float(batch.products[index])
            }
        } else {
            for index in 0..<count {
                let terms = unsafe terms(of: slots[index])
                unsafe batch.distances[index] =
                    probe.offset + probe.factor * terms[0] * Float(batch.products[index])
            }
        }
    }

    @inline(__always)
    private func code(of slot: Slot) -> UnsafePointer<UInt8> {
        // SAFETY: rows hold bytes only.
        unsafe UnsafePointer(codes.address(slot).assumingMemoryBound(to: UInt8.self))
    }

    @inline(__always)
    private func terms(of slot: Slot) -> UnsafeMutablePointer<Float> {
        // SAFETY: rows hold Floats only.
        unsafe terms.address(slot).assumingMemoryBound(to: Float.self)
    }

    private func squaredLength(_ vector: UnsafePointer<Float>) -> Float {
        // SAFETY: the callers' vectors hold `dimension` elements.
        let elements = unsafe UnsafeBufferPointer(start: vector, count: dimension)
        return unsafe VectorMath.dot(elements.span, elements.span)
    }
}

/// What code distances are measured from: `offset + factor × scale of the row × product`, and the row's
/// squared length under `euclidean`.
@safe
struct CodeProbe {
    let code: ByteCodes.Query
    let offset: Float
    let factor: Float

    fileprivate init(code: ByteCodes.Query, metric: Metric, scale: Float, squaredLength: Float) {
        self.code = code
        switch metric {
        case .cosine: (offset, factor) = (1, -scale)
        case .dot: (offset, factor) = (0, -scale)
        case .euclidean: (offset, factor) = (squaredLength, -2 * scale)
        }
    }
}
