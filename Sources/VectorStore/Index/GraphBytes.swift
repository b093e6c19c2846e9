/// Appends little-endian integers.
struct GraphWriter {
    /// What has been written.
    private(set) var bytes: [UInt8] = []

    /// Appends all `values`.
    mutating func append<Value: FixedWidthInteger>(_ values: [Value]) {
        let byteCount = Value.bitWidth / 8
        bytes.reserveCapacity(bytes.count + values.count * byteCount)
        for value in values {
            for byte in 0..<byteCount {
                bytes.append(UInt8(truncatingIfNeeded: value >> Value(8 * byte)))
            }
        }
    }
}

/// Takes little-endian integers from bytes that nobody vouches for.
struct GraphReader {
    private let bytes: [UInt8]
    private var offset = 0

    /// Begins at the first byte.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether everything has been read.
    var isAtEnd: Bool { offset == bytes.count }

    /// The next `count` integers.
    ///
    /// - Throws: `VectorStoreError` with code `corrupted` when fewer bytes are left, before
    ///   anything is allocated.
    mutating func read<Value: FixedWidthInteger>(
        _: Value.Type,
        count: Int
    ) throws(VectorStoreError) -> [Value] {
        let byteCount = Value.bitWidth / 8
        guard count <= (bytes.count - offset) / byteCount else {
            throw VectorStoreError(
                .corrupted,
                "graph image: \(count) values of \(byteCount) bytes do not fit into the"
                    + " \(bytes.count - offset) bytes left; the index has to be rebuilt"
            )
        }
        var values: [Value] = []
        values.reserveCapacity(count)
        for _ in 0..<count {
            var value: Value = 0
            for byte in 0..<byteCount {
                value |= Value(truncatingIfNeeded: bytes[offset + byte]) << Value(8 * byte)
            }
            values.append(value)
            offset += byteCount
        }
        return values
    }
}
