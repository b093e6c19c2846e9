import CKernels
import Testing

/// The C tables of encoder passes that this machine can run.
enum EncoderTables {
    /// One table: an instruction set in a precision.
    struct Choice: Sendable, CustomTestStringConvertible {
        let isa: UInt32
        let precision: UInt32

        var testDescription: String { "instruction set \(isa), precision \(precision)" }

        var table: ragd_encoder_kernels {
            get throws {
                // SAFETY: tables are constants.
                unsafe try #require(
                    ragd_encoder_kernels_for(ragd_isa(isa), ragd_precision(precision))
                )
                .pointee
            }
        }
    }

    /// Every instruction set, scalar included.
    static let sets = [
        RAGD_ISA_SCALAR, RAGD_ISA_AVX2, RAGD_ISA_AVX512, RAGD_ISA_AVX512_BF16, RAGD_ISA_NEON,
    ]
    .filter { ragd_isa_supported($0) == 1 }
    .map(\.rawValue)

    /// Every set in every precision.
    static let all = sets.flatMap { isa in
        [RAGD_F32, RAGD_BF16, RAGD_INT8, RAGD_INT8_BLOCKS].map {
            Choice(isa: isa, precision: $0.rawValue)
        }
    }

    static func rows(_ isa: UInt32) throws -> ragd_row_kernels {
        // SAFETY: tables are constants.
        unsafe try #require(ragd_row_kernels_for(ragd_isa(isa))).pointee
    }
}

/// Rows of words, taken apart.
struct DecodedRows {
    let precision: ragd_precision
    let columns: Int
    var words: [UInt32]
    var ranges: [Float]

    init(_ precision: ragd_precision, rows: Int, columns: Int) {
        self.precision = precision
        self.columns = columns
        // Stale content: whatever a pass leaves must be its own.
        words = [UInt32](
            repeating: 0xAAAA_AAAA,
            count: rows * ragd_word_count(precision, columns)
        )
        ranges = [Float](repeating: -1, count: 2 * rows * ragd_range_count(precision, columns))
    }

    /// What an element stands for.
    func value(_ row: Int, _ column: Int) -> Double {
        let elements = ragd_word_elements(precision)
        let word = words[row * ragd_word_count(precision, columns) + column / elements]
        switch precision {
        case RAGD_F32: return Double(Float(bitPattern: word))
        case RAGD_BF16:
            let bits = column.isMultiple(of: 2) ? word << 16 : word & 0xFFFF_0000
            return Double(Float(bitPattern: bits))
        default:
            let code = word >> UInt32(8 * (column % 4)) & 0xFF
            let block = blocks.firstIndex { $0.contains(column) } ?? 0
            let range = 2 * (row * blocks.count + block)
            return Double(ranges[range + 1]) + Double(ranges[range]) * Double(code)
        }
    }

    /// The elements that share a range.
    var blocks: [Range<Int>] {
        let size = precision == RAGD_INT8_BLOCKS ? Int(RAGD_BLOCK_ELEMENTS) : columns
        return stride(from: 0, to: columns, by: size).map { $0..<min($0 + size, columns) }
    }

    /// What is in the words behind a row's last element: must be zero.
    func padding(_ row: Int) -> [UInt32] {
        let elements = ragd_word_elements(precision)
        let bits = 32 / elements
        let count = ragd_word_count(precision, columns)
        return (columns..<count * elements).map { column in
            words[row * count + column / elements] >> UInt32(bits * (column % elements))
                & (UInt32.max >> UInt32(32 - bits))
        }
    }

    /// The largest error that rounding `value` may make in a row of this range.
    func tolerance(_ value: Double, low: Double, high: Double) -> Double {
        switch precision {
        case RAGD_F32: 0
        // Half of the eighth bit.
        case RAGD_BF16: abs(value) / 256
        default: (high - low) / 255 * 0.501 + 1e-6
        }
    }
}
