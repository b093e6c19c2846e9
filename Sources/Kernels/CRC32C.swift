internal import CKernels

/// CRC-32C (Castagnoli), the checksum of every stored blob; by hardware where the CPU has it.
///
/// Reference: RFC 3720, appendix B.4, whose test vectors it reproduces.
public enum CRC32C {
    /// The checksum of `bytes`, continuing from `previous` when the data comes in parts.
    public static func checksum(_ bytes: Span<UInt8>, previous: UInt32 = 0) -> UInt32 {
        // SAFETY: the span's bytes are initialised and alive for the call, which only reads.
        unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe ragd_crc32c(previous, bytes.baseAddress, bytes.count)
        }
    }

    /// The checksum of an array.
    public static func checksum(_ bytes: [UInt8], previous: UInt32 = 0) -> UInt32 {
        checksum(bytes.span, previous: previous)
    }
}
