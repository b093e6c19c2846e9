import Kernels

/// The envelope of every blob in the database: nothing is decoded before its checksum holds and its
/// size is within the reader's cap.
///
/// | offset | bytes | what |
/// |---|---|---|
/// | 0 | 4 | CRC-32C of everything after it |
/// | 4 | 2 | `r` `g` |
/// | 6 | 1 | version, 1 |
/// | 7 | 1 | codec in the low four bits (0 stored, 1 LZ4 block), filter in the high (0 none, 1 byte planes of `f32`) |
/// | 8 | 4 | size of the content after decompression |
/// | 12 | | payload |
///
/// Numbers are little-endian. The filter is applied before the codec: floats hardly compress as they
/// are, but their exponent bytes do when they stand together.
package enum StoredBlob {
    package static let headerByteCount = 12

    private static let version: UInt8 = 1

    private enum Codec: UInt8 {
        case stored = 0
        case lz4 = 1
    }

    private enum Filter: UInt8 {
        case none = 0
        case bytePlanes = 1
    }

    // MARK: - Writing

    /// Wraps bytes, compressed when that makes them smaller.
    package static func encode(_ bytes: [UInt8], compress: Bool = true) -> [UInt8] {
        encode(bytes, filter: .none, compress: compress)
    }

    /// Wraps a vector.
    package static func encode(vector: [Float]) -> [UInt8] {
        encode(ByteShuffle.shuffle(vector.span), filter: .bytePlanes, compress: true)
    }

    private static func encode(_ bytes: [UInt8], filter: Filter, compress: Bool) -> [UInt8] {
        guard let count = UInt32(exactly: bytes.count) else {
            preconditionFailure("a blob of \(bytes.count) bytes: callers cut them into parts")
        }
        let compressed = compress ? LZ4Block.compress(bytes.span) : nil
        let codec = compressed == nil ? Codec.stored : .lz4
        var blob: [UInt8] = []
        blob.reserveCapacity(headerByteCount + (compressed?.count ?? bytes.count))
        blob.append(contentsOf: [0, 0, 0, 0, 0x72, 0x67, version])
        blob.append(filter.rawValue << 4 | codec.rawValue)
        append(count, to: &blob)
        blob.append(contentsOf: compressed ?? bytes)
        let checksum = CRC32C.checksum(blob.span.extracting(4...))
        for index in 0..<4 {
            blob[index] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * index))
        }
        return blob
    }

    // MARK: - Reading

    /// The content of a blob of bytes.
    ///
    /// - Throws: `corrupted` naming `what` when the blob is not what was written, or claims more than
    ///   `countMax` bytes.
    package static func decode(
        _ blob: Span<UInt8>,
        countMax: Int,
        _ what: @autoclosure () -> String
    ) throws(VectorStoreError) -> [UInt8] {
        try decode(blob, filter: .none, counts: 0...countMax, what)
    }

    /// The vector of `dimension` elements in a blob.
    package static func decodeVector(
        _ blob: Span<UInt8>,
        dimension: Int,
        _ what: @autoclosure () -> String
    ) throws(VectorStoreError) -> [Float] {
        let count = dimension * 4
        let planes = try decode(blob, filter: .bytePlanes, counts: count...count, what)
        guard let vector = ByteShuffle.unshuffle(planes.span) else {
            throw .corrupted("\(what()) is not made of whole floats")
        }
        return vector
    }

    private static func decode(
        _ blob: Span<UInt8>,
        filter: Filter,
        counts: ClosedRange<Int>,
        _ what: () -> String
    ) throws(VectorStoreError) -> [UInt8] {
        guard blob.count >= headerByteCount, blob[4] == 0x72, blob[5] == 0x67 else {
            throw .corrupted("\(what()) is not a stored blob (\(blob.count) bytes)")
        }
        let checksum = CRC32C.checksum(blob.extracting(4...))
        guard checksum == number(in: blob, at: 0) else {
            throw .corrupted("\(what()) fails its checksum")
        }
        guard blob[6] == version, blob[7] >> 4 == filter.rawValue,
            let codec = Codec(rawValue: blob[7] & 15)
        else {
            throw .corrupted("\(what()) has version \(blob[6]), coding \(blob[7]): not known here")
        }
        let count = Int(number(in: blob, at: 8))
        guard counts.contains(count) else {
            throw .corrupted("\(what()) says it has \(count) bytes, outside \(counts)")
        }
        let payload = blob.extracting(headerByteCount...)
        switch codec {
        case .stored:
            guard payload.count == count else {
                throw .corrupted("\(what()) has \(payload.count) bytes instead of \(count)")
            }
            return copy(payload)
        case .lz4:
            guard let bytes = LZ4Block.decompress(payload, count: count) else {
                throw .corrupted("\(what()) does not decompress to \(count) bytes")
            }
            return bytes
        }
    }

    private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    private static func number(in bytes: Span<UInt8>, at offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
    }

    private static func copy(_ bytes: Span<UInt8>) -> [UInt8] {
        // SAFETY: the span's memory is initialised and alive for the call; the array copies it.
        unsafe bytes.withUnsafeBufferPointer { unsafe [UInt8]($0) }
    }
}
