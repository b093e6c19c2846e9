import NIOCore

/// Base64 (RFC 4648, with padding) of the little-endian bytes of a vector.
///
/// Foundation's encoder wants the vector copied into a `Data` first and returns a `String` that is
/// copied again; this one goes from the vector to the response in one pass.
enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )

    /// Appends the base64 text of `vector` to `buffer`.
    static func write(littleEndian vector: [Float], to buffer: inout ByteBuffer) {
        let byteCount = vector.count * 4
        var text: [UInt8] = []
        text.reserveCapacity((byteCount + 2) / 3 * 4)
        // Up to 5 pending bits wait for the next float: 32 bits are five characters and 2 bits.
        var pending: UInt64 = 0
        var pendingBitCount = 0
        for component in vector {
            // Base64 takes the first byte first, so the little-endian bytes are read as big-endian.
            pending = pending << 32 | UInt64(component.bitPattern.byteSwapped)
            pendingBitCount += 32
            while pendingBitCount >= 6 {
                pendingBitCount -= 6
                text.append(alphabet[Int(pending >> UInt64(pendingBitCount) & 0x3F)])
            }
            pending &= (1 << UInt64(pendingBitCount)) - 1
        }
        if pendingBitCount > 0 {
            text.append(alphabet[Int(pending << UInt64(6 - pendingBitCount) & 0x3F)])
        }
        while text.count % 4 != 0 {
            text.append(UInt8(ascii: "="))
        }
        buffer.writeBytes(text)
    }
}
