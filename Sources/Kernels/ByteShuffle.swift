internal import CKernels

/// Rearranges floats into four planes of bytes, and back.
///
/// The planes hold the first, second, third and fourth byte (little-endian) of every float. Signs
/// and exponents, which vary little, end up side by side, and LZ4 finds the repetition. The idea is
/// Blosc's shuffle filter.
public enum ByteShuffle {
    /// The planes of `values`: 4 × `values.count` bytes.
    public static func shuffle(_ values: Span<Float>) -> [UInt8] {
        let count = values.count
        return unsafe [UInt8](unsafeUninitializedCapacity: 4 * count) { planes, initializedCount in
            // SAFETY: `values` is 4 × count initialised bytes, `planes` has room for as many, the
            // two do not overlap, and the call writes all of them.
            unsafe values.withUnsafeBufferPointer { values in
                let bytes = UnsafeRawBufferPointer(values)
                guard let source = unsafe bytes.assumingMemoryBound(to: UInt8.self).baseAddress,
                    let target = planes.baseAddress
                else { return }
                unsafe ragd_shuffle4(source, count, target)
            }
            initializedCount = 4 * count
        }
    }

    /// The planes of an array.
    public static func shuffle(_ values: [Float]) -> [UInt8] {
        shuffle(values.span)
    }

    /// The floats whose planes are `planes`.
    ///
    /// - Returns: nil when the byte count is no multiple of 4.
    public static func unshuffle(_ planes: Span<UInt8>) -> [Float]? {
        guard planes.count.isMultiple(of: 4) else { return nil }
        let count = planes.count / 4
        return unsafe [Float](unsafeUninitializedCapacity: count) { values, initializedCount in
            // SAFETY: `planes` is 4 × count initialised bytes, `values` has room for as many, the
            // two do not overlap, and the call writes all of them; any bits make a Float.
            unsafe planes.withUnsafeBufferPointer { planes in
                let bytes = UnsafeMutableRawBufferPointer(values)
                guard let source = planes.baseAddress,
                    let target = unsafe bytes.assumingMemoryBound(to: UInt8.self).baseAddress
                else { return }
                unsafe ragd_unshuffle4(source, count, target)
            }
            initializedCount = count
        }
    }

    /// The floats whose planes an array holds, or nil when its count is no multiple of 4.
    public static func unshuffle(_ planes: [UInt8]) -> [Float]? {
        unshuffle(planes.span)
    }
}
