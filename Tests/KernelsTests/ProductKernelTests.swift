import CKernels
import TestSupport
import Testing

@Suite("Product kernels")
struct ProductKernelTests {
    /// Row counts around a step, columns around a panel, depths around a slice.
    static let shapes: [(rows: Int, inner: Int, columns: Int)] = [
        (0, 4, 4), (1, 1, 1), (5, 7, 31), (6, 8, 32), (7, 9, 33), (11, 511, 17), (12, 512, 64),
        (13, 30, 48), (20, 1_025, 70), (25, 2_061, 36),
    ]

    @Test(
        "every set and precision computes rows · W + b of what the words stand for",
        arguments: shapes
    )
    func product(rows: Int, inner: Int, columns: Int) throws {
        var random = SeededRandom(seed: UInt64(rows + inner + columns))
        let draw = { (count: Int) in (0..<count).map { _ in random.normal() } }
        let (left, right) = (draw(rows * inner), draw(inner * columns))
        let (bias, before) = (draw(columns), draw(rows * columns))
        for choice in EncoderTables.all {
            let table = try choice.table
            var operand = DecodedRows(table.precision, rows: rows, columns: inner)
            // SAFETY: `rows` rows of `inner` elements.
            unsafe table.encode(left, rows, inner, &operand.words, &operand.ranges)
            let weights = PanelWeights(right, inner: inner, bias: bias, table: table)
            let expected = (0..<rows * columns).map { place in
                let (row, column) = place.quotientAndRemainder(dividingBy: columns)
                return (0..<inner).reduce(Double(bias[column])) {
                    $0 + operand.value(row, $1) * weights.value($1, column)
                }
            }
            // A guard behind the sums: nothing may be written past them.
            var (set, added) = (before + [42], before + [42])
            unsafe weights.multiply(operand, rows, RAGD_SET_F32, &set, stride: columns)
            unsafe weights.multiply(operand, rows, RAGD_ADD_F32, &added, stride: columns)
            let scale = max(1, Double(inner).squareRoot())
            for place in expected.indices {
                let sum = Double(before[place]) + expected[place]
                #expect(abs(Double(set[place]) - expected[place]) < 2e-5 * scale, "\(choice)")
                #expect(abs(Double(added[place]) - sum) < 2e-5 * scale, "\(choice)")
            }
            #expect(set.last == 42 && added.last == 42)
            guard columns.isMultiple(of: 2) else { continue }
            let attention = table.attention_precision
            let wordCount = ragd_word_count(attention, columns)
            var words = DecodedRows(attention, rows: rows, columns: columns)
            words.words.append(42)
            unsafe weights.multiply(operand, rows, RAGD_SET_WORDS, &words.words, stride: wordCount)
            for place in expected.indices {
                let value = words.value(place / columns, place % columns)
                let rounding = attention == RAGD_BF16 ? abs(expected[place]) / 256 : 0
                #expect(
                    abs(value - expected[place]) <= rounding + 2e-5 * scale,
                    "\(choice)"
                )
            }
            #expect(words.words.last == 42)
        }
    }
}

/// A matrix in panels, and what its words stand for.
private struct PanelWeights {
    private let table: ragd_encoder_kernels
    private let inner: Int
    private let columns: Int
    private let codes: [Double]
    private let panels: [UInt32]
    private let bias: [Float]
    private let scales: [Float]
    private let sums: [Float]

    /// Packs `matrix`, inner × columns.
    init(_ matrix: [Float], inner: Int, bias: [Float], table: ragd_encoder_kernels) {
        let columns = bias.count
        let depth = ragd_word_count(table.precision, inner)
        let width = table.panel_columns
        let bits = 32 / ragd_word_elements(table.precision)
        let isBytes = bits == 8
        let padded = (columns + 31) / 32 * 32
        let block = table.precision == RAGD_INT8_BLOCKS ? Int(RAGD_BLOCK_ELEMENTS) : inner
        var panels = [UInt32](repeating: 0, count: (columns + width - 1) / width * width * depth)
        var codes = [Double](repeating: 0, count: inner * columns)
        var scales = [Float](repeating: 0, count: (inner + block - 1) / block * padded)
        var sums = scales
        for column in 0..<columns {
            for index in 0..<inner {
                let range = index / block * padded + column
                if index.isMultiple(of: block) {
                    let weights = (index..<min(index + block, inner)).map {
                        abs(matrix[$0 * columns + column])
                    }
                    scales[range] = isBytes ? (weights.max() ?? 0) / 127 : 1
                }
                let weight = matrix[index * columns + column]
                let word: UInt32
                switch table.precision {
                case RAGD_F32: word = weight.bitPattern
                // Cut rather than rounded: any bf16 numbers will do.
                case RAGD_BF16: word = weight.bitPattern >> 16
                default:
                    let code = Int8((weight / scales[range]).rounded())
                    word = UInt32(UInt8(bitPattern: code))
                }
                let place = index * bits % 32
                panels[
                    (column / width * depth + index * bits / 32) * width + column % width
                ] |= word << UInt32(place)
                let value =
                    switch table.precision {
                    case RAGD_F32: Double(weight)
                    case RAGD_BF16: Double(Float(bitPattern: word << 16))
                    default: Double(scales[range]) * Double(Int8(truncatingIfNeeded: word))
                    }
                codes[index * columns + column] = value
                sums[range] += Float(value)
            }
        }
        self.table = table
        self.inner = inner
        self.columns = columns
        self.codes = codes
        self.panels = panels
        self.bias = bias + [Float](repeating: 0, count: padded - columns)
        self.scales = scales
        self.sums = sums
    }

    func value(_ index: Int, _ column: Int) -> Double { codes[index * columns + column] }

    /// Multiplies; `out` must have room.
    func multiply(
        _ rows: DecodedRows,
        _ count: Int,
        _ output: ragd_product_output,
        _ out: UnsafeMutableRawPointer,
        stride: Int
    ) {
        // SAFETY: the arrays have the sizes that the kernel's contract asks for, and live for the
        // call; the caller sized `out`.
        unsafe panels.withUnsafeBufferPointer { panels in
            unsafe bias.withUnsafeBufferPointer { bias in
                unsafe scales.withUnsafeBufferPointer { scales in
                    unsafe sums.withUnsafeBufferPointer { sums in
                        var weights = unsafe ragd_weights(
                            panels: panels.baseAddress,
                            depth: ragd_word_count(table.precision, inner),
                            columns: columns,
                            bias: bias.baseAddress,
                            scales: scales.baseAddress,
                            sums: sums.baseAddress
                        )
                        unsafe table.product(
                            rows.words,
                            rows.ranges,
                            count,
                            &weights,
                            output,
                            out,
                            stride
                        )
                    }
                }
            }
        }
    }
}
