/// The element types that a safetensors file may name.
enum TensorElement: String {
    case bool = "BOOL"
    case uint8 = "U8"
    case int8 = "I8"
    case float8E4M3 = "F8_E4M3"
    case float8E5M2 = "F8_E5M2"
    case int16 = "I16"
    case uint16 = "U16"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case int32 = "I32"
    case uint32 = "U32"
    case float32 = "F32"
    case int64 = "I64"
    case uint64 = "U64"
    case float64 = "F64"

    /// Bytes of one element.
    var byteCount: Int {
        switch self {
        case .bool, .uint8, .int8, .float8E4M3, .float8E5M2: 1
        case .int16, .uint16, .float16, .bfloat16: 2
        case .int32, .uint32, .float32: 4
        case .int64, .uint64, .float64: 8
        }
    }

    /// Whether weights of this type can be read as single-precision numbers.
    var isReadableAsFloat: Bool {
        self == .float32 || self == .float16 || self == .bfloat16
    }
}

extension TensorElement {
    /// Reads `bytes`, a whole number of elements, as single-precision numbers.
    ///
    /// Bytes are little-endian and need no alignment. F16 and BF16 widen exactly.
    func floats(from bytes: RawSpan) -> [Float] {
        precondition(isReadableAsFloat && bytes.byteCount % byteCount == 0)
        let count = bytes.byteCount / byteCount
        return unsafe Array(unsafeUninitializedCapacity: count) { floats, initializedCount in
            for index in 0..<count {
                let offset = index * byteCount
                // SAFETY: `offset` leaves a whole element before the end of `bytes`, any bit
                // pattern is a valid integer, and `floats` has room for `count` elements.
                unsafe floats.initializeElement(at: index, to: float(at: offset, in: bytes))
            }
            initializedCount = count
        }
    }

    @inline(__always)
    private func float(at offset: Int, in bytes: RawSpan) -> Float {
        // SAFETY: the caller leaves a whole element at `offset`; see floats(from:).
        switch self {
        case .float16:
            let bits = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self)
            return Float(Float16(bitPattern: UInt16(littleEndian: bits)))
        case .bfloat16:
            let bits = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self)
            return Float(bitPattern: UInt32(UInt16(littleEndian: bits)) << 16)
        default:
            let bits = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
            return Float(bitPattern: UInt32(littleEndian: bits))
        }
    }
}
