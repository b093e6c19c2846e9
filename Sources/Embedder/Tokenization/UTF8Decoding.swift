extension Span<UInt8> {
    /// The scalar that starts at `position`, and its length in bytes.
    ///
    /// The span must hold valid UTF-8, as a string's bytes do; a malformed sequence reads as U+FFFD
    /// of one byte rather than out of bounds.
    @inline(__always)
    package func decodeScalar(at position: Int) -> (scalar: Unicode.Scalar, byteCount: Int) {
        let lead = UInt32(self[position])
        if lead < 0x80 { return (Unicode.Scalar(UInt8(lead)), 1) }
        let byteCount = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
        guard position + byteCount <= count else { return ("\u{fffd}", 1) }
        var value = lead & (0x7f >> UInt32(byteCount))
        for index in 1..<byteCount {
            value = value << 6 | UInt32(self[position + index]) & 0x3f
        }
        guard let scalar = Unicode.Scalar(value) else { return ("\u{fffd}", 1) }
        return (scalar, byteCount)
    }

    /// The scalar that ends before `position`, and its length in bytes; nil at the start.
    package func decodeScalar(before position: Int) -> (scalar: Unicode.Scalar, byteCount: Int)? {
        guard position > 0 else { return nil }
        var start = position - 1
        while start > 0, position - start < 4, self[start] & 0xc0 == 0x80 { start -= 1 }
        return (decodeScalar(at: start).scalar, position - start)
    }
}
