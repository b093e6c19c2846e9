internal import CKernels

/// Eight-bit codes of vectors: a quarter of their memory, and distances by integer products.
///
/// A stored code is `byteCount` bytes; `scale` times a byte less 128 is the element. What a distance is
/// measured from has a code of another form, see `Query`. Codes and products are the same on every
/// CPU.
package enum ByteCodes {
    /// The most elements of a vector that can be coded: products fit 32 bits.
    package static let dimensionMax = Int(RAGD_BYTECODE_BYTES_MAX)

    /// The bytes of a code: `dimension`, rounded up to whole cache lines.
    package static func byteCount(dimension: Int) -> Int {
        precondition(1...dimensionMax ~= dimension, "dimension \(dimension)")
        return ragd_bytecode_bytes(dimension)
    }

    /// Writes a vector's code and returns its scale.
    ///
    /// `vector` must hold `dimension` finite elements, `code` have room for `byteCount`.
    package static func encode(
        _ vector: UnsafePointer<Float>,
        dimension: Int,
        into code: UnsafeMutablePointer<UInt8>
    ) -> Float {
        // SAFETY: the caller's promise is the function's.
        unsafe ragd_bytecode_encode(vector, dimension, code)
    }

    private typealias Gather =
        @convention(c) (
            UnsafePointer<Int8>, UnsafePointer<UnsafePointer<UInt8>>, Int, Int,
            UnsafeMutablePointer<Int32>
        ) -> Void

    /// What products are computed from.
    @safe
    package struct Query {
        /// The code, of signed bytes.
        private let code: UnsafePointer<Int8>
        private let byteCount: Int
        private let gather: Gather
        /// What a product is more than that of the elements by.
        private let excess: Int32

        /// Makes a query of a stored code, in memory that must outlive it.
        ///
        /// `code` holds `byteCount` bytes of a code, `room` has room for as many; they may be the same.
        package init(
            of code: UnsafePointer<UInt8>,
            byteCount: Int,
            in room: UnsafeMutablePointer<Int8>
        ) {
            // SAFETY: the caller's promise is the function's.
            let sum = unsafe ragd_bytecode_as_query(code, byteCount, room)
            // Safe: a sum of 65,536 bytes times 128 is less than 2^31.
            excess = 128 &* sum
            unsafe self.code = UnsafePointer(room)
            unsafe gather = KernelTables.byteCodes.product_gather
            self.byteCount = byteCount
        }

        /// Writes the products of the codes' elements with `count` stored ones into `out`.
        ///
        /// Every row must hold a code of the query's size, `out` have room for `count`.
        @inline(__always)
        package func products(
            with rows: UnsafePointer<UnsafePointer<UInt8>>,
            count: Int,
            into out: UnsafeMutablePointer<Int32>
        ) {
            // SAFETY: the caller's promise is the kernel's.
            unsafe gather(code, rows, count, byteCount, out)
            for index in 0..<count {
                // SAFETY: `out` has `count` elements, all just written.
                // Safe: the difference is a sum of 65,536 products of signed bytes.
                unsafe out[index] &-= excess
            }
        }
    }
}
