internal import CKernels

/// Arithmetic on f32 vectors, by SIMD kernels chosen at start.
///
/// NaN and infinities propagate as IEEE 754 says; results of different instruction sets differ by
/// rounding only.
public enum VectorMath {
    /// The dot product of two equally long vectors; 0 for empty ones.
    public static func dot(_ a: Span<Float>, _ b: Span<Float>) -> Float {
        precondition(a.count == b.count, "dot: \(a.count) vs \(b.count) elements")
        let kernel = unsafe KernelTables.vector.dot
        // SAFETY: both spans hold `a.count` initialised Floats for the whole call; the kernel only
        // reads and keeps no pointer.
        return unsafe a.withUnsafeBufferPointer { a in
            unsafe b.withUnsafeBufferPointer { b in
                guard let first = a.baseAddress, let second = b.baseAddress else { return 0 }
                return unsafe kernel(first, second, a.count)
            }
        }
    }

    /// The squared Euclidean distance of two equally long vectors; 0 for empty ones.
    public static func squaredDistance(_ a: Span<Float>, _ b: Span<Float>) -> Float {
        precondition(a.count == b.count, "squaredDistance: \(a.count) vs \(b.count) elements")
        let kernel = unsafe KernelTables.vector.squared_distance
        // SAFETY: as in `dot`.
        return unsafe a.withUnsafeBufferPointer { a in
            unsafe b.withUnsafeBufferPointer { b in
                guard let first = a.baseAddress, let second = b.baseAddress else { return 0 }
                return unsafe kernel(first, second, a.count)
            }
        }
    }

    /// The Euclidean length of a vector.
    public static func norm(_ v: Span<Float>) -> Float {
        dot(v, v).squareRoot()
    }

    /// Scales `v` to unit length.
    ///
    /// A vector whose length is zero, or too small or too large for a Float, stays as it is: there
    /// is no direction to keep.
    public static func normalize(_ v: inout [Float]) {
        let length = norm(v.span)
        guard length > 0, length.isFinite else { return }
        let scale = 1 / length
        guard scale.isFinite else { return }
        for index in v.indices {
            v[index] *= scale
        }
    }

    /// Whether no element is NaN or an infinity.
    public static func isFinite(_ v: Span<Float>) -> Bool {
        // All exponent bits are set in NaN and the infinities, and only there.
        let exponent: UInt32 = 0x7f80_0000
        var isFinite = true
        for index in v.indices {
            isFinite = isFinite && v[index].bitPattern & exponent != exponent
        }
        return isFinite
    }
}

extension VectorMath {
    /// The dot product of two equally long arrays.
    public static func dot(_ a: [Float], _ b: [Float]) -> Float {
        dot(a.span, b.span)
    }

    /// The squared Euclidean distance of two equally long arrays.
    public static func squaredDistance(_ a: [Float], _ b: [Float]) -> Float {
        squaredDistance(a.span, b.span)
    }

    /// The Euclidean length of an array.
    public static func norm(_ v: [Float]) -> Float {
        norm(v.span)
    }

    /// Whether no element of an array is NaN or an infinity.
    public static func isFinite(_ v: [Float]) -> Bool {
        isFinite(v.span)
    }
}
