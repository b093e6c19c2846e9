import CLZ4

/// LZ4's block format: the only file that reaches the library.
enum LZ4Block {
    /// Compresses `input`, or returns `nil` when that would not make it smaller.
    static func compress(_ input: Span<UInt8>) -> [UInt8]? {
        guard input.count > 16, let inputCount = Int32(exactly: input.count) else { return nil }
        let capacity = input.count - 1
        var written: Int32 = 0
        // SAFETY: both buffers are valid for the lengths passed, do not overlap, and LZ4 keeps no
        // pointer; `written` is at most `capacity`, and 0 when the result does not fit.
        let output = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
            written = unsafe input.withUnsafeBytes { source in
                unsafe LZ4_compress_default(
                    source.baseAddress?.assumingMemoryBound(to: CChar.self),
                    UnsafeMutableRawPointer(output.baseAddress)?
                        .assumingMemoryBound(to: CChar.self),
                    inputCount,
                    Int32(capacity)
                )
            }
            count = Int(written)
        }
        return written > 0 ? output : nil
    }

    /// Decompresses `input` into exactly `count` bytes, or returns `nil` when it does not yield them.
    ///
    /// `count` has been capped by the caller; input of any content is safe.
    static func decompress(_ input: Span<UInt8>, count expected: Int) -> [UInt8]? {
        guard let inputCount = Int32(exactly: input.count), let capacity = Int32(exactly: expected)
        else { return nil }
        var written: Int32 = -1
        // SAFETY: LZ4_decompress_safe reads at most `inputCount` and writes at most `capacity` bytes
        // whatever the input holds, and returns a negative number when it is malformed.
        let output = unsafe [UInt8](unsafeUninitializedCapacity: expected) { output, count in
            written = unsafe input.withUnsafeBytes { source in
                unsafe LZ4_decompress_safe(
                    source.baseAddress?.assumingMemoryBound(to: CChar.self),
                    UnsafeMutableRawPointer(output.baseAddress)?
                        .assumingMemoryBound(to: CChar.self),
                    inputCount,
                    capacity
                )
            }
            count = max(0, Int(written))
        }
        return written == capacity ? output : nil
    }
}
