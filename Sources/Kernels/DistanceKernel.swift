internal import CKernels

/// Distances from one query to rows anywhere in memory: the inner loop of the vector index.
///
/// `distance = offset + sign × kernel`, so that 1 - a·b, -(a·b) and |a - b|² are one type, chosen
/// once and called without a test of the metric.
@safe
package struct DistanceKernel: Sendable {
    /// What is computed for each row.
    package enum Form: Sendable {
        /// 1 - a·b
        case oneMinusDot
        /// -(a·b)
        case negatedDot
        /// |a - b|²
        case squaredDistance
    }

    private typealias Gather =
        @convention(c) (
            UnsafePointer<Float>, UnsafePointer<UnsafePointer<Float>>, Int, Int,
            UnsafeMutablePointer<Float>
        ) -> Void

    private let gather: Gather
    private let offset: Float
    private let sign: Float
    private let dimension: Int

    /// The kernel for `form` over vectors of `dimension` elements.
    package init(_ form: Form, dimension: Int) {
        precondition(dimension > 0, "dimension must be at least 1, not \(dimension)")
        self.dimension = dimension
        // SAFETY: the table's functions are constants of the C target; none is called here.
        switch form {
        case .oneMinusDot:
            (offset, sign) = (1, -1)
            unsafe gather = KernelTables.vector.dot_gather
        case .negatedDot:
            (offset, sign) = (0, -1)
            unsafe gather = KernelTables.vector.dot_gather
        case .squaredDistance:
            (offset, sign) = (0, 1)
            unsafe gather = KernelTables.vector.squared_distance_gather
        }
    }

    /// Writes the distances from `query` to `count` rows into `out`.
    ///
    /// `query` and every row must hold `dimension` initialised elements, `out` room for `count`.
    package func distances(
        from query: UnsafePointer<Float>,
        to rows: UnsafePointer<UnsafePointer<Float>>,
        count: Int,
        into out: UnsafeMutablePointer<Float>
    ) {
        // SAFETY: the caller's promise is the kernel's.
        unsafe gather(query, rows, count, dimension, out)
        for index in 0..<count {
            // SAFETY: `out` has `count` elements, all just written.
            unsafe out[index] = offset + sign * out[index]
        }
    }
}

/// Memory that is about to be read.
package enum Prefetch {
    /// Asks for `byteCount` bytes at `address`; never faults, whatever the address.
    package static func bytes(_ byteCount: Int, at address: UnsafeRawPointer) {
        // SAFETY: a prefetch does not access memory.
        unsafe ragd_prefetch(address, byteCount)
    }
}
