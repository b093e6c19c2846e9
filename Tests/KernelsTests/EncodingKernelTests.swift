import CKernels
import Foundation
import TestSupport
import Testing

/// The passes that end in words for a product.
@Suite("Encoding kernels")
struct EncodingKernelTests {
    @Test("words stand for the rows within half a step", arguments: EncoderTables.all)
    func encode(choice: EncoderTables.Choice) throws {
        let table = try choice.table
        for width in RowKernelTests.widths {
            var random = SeededRandom(seed: UInt64(width))
            let rows = (0..<3 * width).map { _ in 3 * random.normal() + 1 }
            var decoded = DecodedRows(table.precision, rows: 3, columns: width)
            // SAFETY: three rows of `width` elements, and the words and ranges of as many.
            unsafe table.encode(rows, 3, width, &decoded.words, &decoded.ranges)
            Self.expect(decoded, rows.map(Double.init), within: 1e-7)
        }
    }

    @Test("rows of one value, of zeros and of extremes come back", arguments: EncoderTables.all)
    func extremes(choice: EncoderTables.Choice) throws {
        let table = try choice.table
        let rows: [[Float]] = [
            [Float](repeating: 0, count: 40), [Float](repeating: -7.5, count: 40),
            (0..<40).map { $0 == 20 ? 1e30 : 0 }, (0..<40).map { $0 == 3 ? -1e-30 : 0 },
        ]
        for row in rows {
            var decoded = DecodedRows(table.precision, rows: 1, columns: 40)
            // SAFETY: one row.
            unsafe table.encode(row, 1, 40, &decoded.words, &decoded.ranges)
            Self.expect(decoded, row.map(Double.init), within: 1e-6)
        }
    }

    @Test("a row that is not finite is not so in words", arguments: EncoderTables.all)
    func notFinite(choice: EncoderTables.Choice) throws {
        let table = try choice.table
        for value in [Float.nan, .infinity, -.infinity] {
            for place in [0, 15, 39] {
                var row = [Float](repeating: 1, count: 40)
                row[place] = value
                var decoded = DecodedRows(table.precision, rows: 1, columns: 40)
                // SAFETY: one row.
                unsafe table.encode(row, 1, 40, &decoded.words, &decoded.ranges)
                #expect(!decoded.value(0, place).isFinite, "\(value) at \(place)")
            }
        }
    }

    @Test("each activation equals the formula in double precision", arguments: EncoderTables.all)
    func activate(choice: EncoderTables.Choice) throws {
        let table = try choice.table
        let functions: [(ragd_activation, (Double) -> Double)] = [
            (RAGD_GELU, { $0 / 2 * (1 + erf($0 / 2.0.squareRoot())) }),
            (
                RAGD_GELU_TANH,
                { x in
                    let y = (2 / Double.pi).squareRoot() * (x + 0.044_715 * x * x * x)
                    return x / 2 * (1 + tanh(y))
                }
            ),
            (RAGD_RELU, { max($0, 0) }),
        ]
        for width in RowKernelTests.widths {
            var random = SeededRandom(seed: UInt64(width))
            let rows = (0..<3 * width).map { _ in 3 * random.normal() }
            for (activation, formula) in functions {
                var values = rows
                var decoded = DecodedRows(table.precision, rows: 3, columns: width)
                // SAFETY: three rows of `width` elements, and the words and ranges of as many.
                unsafe table.activate(
                    &values,
                    3,
                    width,
                    activation,
                    &decoded.words,
                    &decoded.ranges
                )
                // What is rounded to eight bits next need not be exact.
                let isRough = table.precision != RAGD_F32 && activation == RAGD_GELU
                Self.expect(
                    decoded,
                    rows.map { formula(Double($0)) },
                    within: isRough ? 1e-4 : 2e-6
                )
            }
        }
    }

    @Test("LayerNorm equals the formula in double precision", arguments: EncoderTables.all)
    func layerNorm(choice: EncoderTables.Choice) throws {
        let table = try choice.table
        for width in RowKernelTests.widths {
            var random = SeededRandom(seed: UInt64(width))
            let draw = { (count: Int) in (0..<count).map { _ in random.normal() } }
            let (rows, scale, shift) = (draw(3 * width), draw(width), draw(width))
            var outputs = rows
            var decoded = DecodedRows(table.precision, rows: 3, columns: width)
            // SAFETY: the rows hold 3 × width elements, scale and shift `width`.
            unsafe table.layer_norm(
                &outputs,
                3,
                width,
                scale,
                shift,
                1e-5,
                &decoded.words,
                &decoded.ranges
            )
            let expected = (0..<3).flatMap { row in
                let x = (0..<width).map { Double(rows[row * width + $0]) }
                let mean = x.reduce(0, +) / Double(width)
                let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
                return (0..<width).map { column in
                    (x[column] - mean) / (variance + 1e-5).squareRoot() * Double(scale[column])
                        + Double(shift[column])
                }
            }
            for (output, value) in zip(outputs, expected) {
                #expect(abs(Double(output) - value) < 1e-4)
            }
            Self.expect(decoded, expected, within: 1e-4)
        }
    }

    @Test("RMSNorm equals the formula, and leaves its rows alone", arguments: EncoderTables.all)
    func rmsNorm(choice: EncoderTables.Choice) throws {
        let table = try choice.table
        for width in RowKernelTests.widths {
            var random = SeededRandom(seed: UInt64(width))
            let draw = { (count: Int) in (0..<count).map { _ in random.normal() } }
            let (rows, scale) = (draw(3 * width), draw(width))
            var decoded = DecodedRows(table.precision, rows: 3, columns: width)
            // SAFETY: the rows hold 3 × width elements, the scale `width`.
            unsafe table.rms_norm(
                rows,
                3,
                width,
                scale,
                1e-6,
                &decoded.words,
                &decoded.ranges
            )
            let expected = (0..<3).flatMap { row in
                let x = (0..<width).map { Double(rows[row * width + $0]) }
                let square = x.reduce(0) { $0 + $1 * $1 } / Double(width)
                return (0..<width).map {
                    x[$0] / (square + 1e-6).squareRoot() * Double(scale[$0])
                }
            }
            Self.expect(decoded, expected, within: 1e-5)
        }
    }

    @Test("gates are silu(gate) · up", arguments: EncoderTables.all)
    func gate(choice: EncoderTables.Choice) throws {
        let table = try choice.table
        for width in RowKernelTests.widths {
            var random = SeededRandom(seed: UInt64(width))
            let rows = (0..<6 * width).map { _ in 3 * random.normal() }
            var values = rows
            var decoded = DecodedRows(table.precision, rows: 3, columns: width)
            // SAFETY: three rows of 2 × width elements.
            unsafe table.gate(&values, 3, width, &decoded.words, &decoded.ranges)
            let expected = (0..<3).flatMap { row in
                (0..<width).map { column in
                    let gate = Double(rows[2 * row * width + column])
                    return gate / (1 + exp(-gate)) * Double(rows[(2 * row + 1) * width + column])
                }
            }
            Self.expect(decoded, expected, within: 1e-5)
        }
    }

    @Test(
        "queries and keys are normalised by head and rotated in pairs, values are not",
        arguments: EncoderTables.all
    )
    func rotate(choice: EncoderTables.Choice) throws {
        let table = try choice.table
        for (heads, keyHeads, size) in [(1, 1, 2), (4, 2, 6), (2, 1, 32), (3, 3, 34), (2, 2, 128)] {
            var random = SeededRandom(seed: UInt64(size))
            let draw = { (count: Int) in (0..<count).map { _ in random.normal() } }
            let width = (heads + 2 * keyHeads) * size
            let (rows, queryScale, keyScale) = (draw(3 * width), draw(size), draw(size))
            let angles = (0..<3).flatMap { position in
                let turns = (0..<size / 2).map { Double(position + 5) / Double($0 + 1) }
                return turns.map { Float(cos($0)) } + turns.map { Float(sin($0)) }
            }
            var values = rows
            var decoded = DecodedRows(table.attention_precision, rows: 3, columns: width)
            // SAFETY: three rows of `width` elements; angles of as many positions.
            unsafe table.rotate(
                &values,
                3,
                heads,
                keyHeads,
                size,
                queryScale,
                keyScale,
                1e-6,
                angles,
                &decoded.words
            )
            var expected = rows.map(Double.init)
            for head in 0..<3 * (heads + 2 * keyHeads) {
                let (row, place) = head.quotientAndRemainder(dividingBy: heads + 2 * keyHeads)
                guard place < heads + keyHeads else { continue }
                let scale = place < heads ? queryScale : keyScale
                let x = (0..<size).map { expected[head * size + $0] }
                let root = (x.reduce(0) { $0 + $1 * $1 } / Double(size) + 1e-6).squareRoot()
                let normal = x.indices.map { x[$0] / root * Double(scale[$0]) }
                for index in 0..<size / 2 {
                    let cosine = Double(angles[row * size + index])
                    let sine = Double(angles[row * size + size / 2 + index])
                    let (a, b) = (normal[index], normal[index + size / 2])
                    expected[head * size + index] = a * cosine - b * sine
                    expected[head * size + index + size / 2] = b * cosine + a * sine
                }
            }
            Self.expect(decoded, expected, within: 1e-5)
        }
    }

    /// Expects words to stand for `values`, and zeros behind each row.
    private static func expect(_ rows: DecodedRows, _ values: [Double], within error: Double) {
        for row in 0..<values.count / rows.columns {
            let expected = values[row * rows.columns..<(row + 1) * rows.columns]
            for block in rows.blocks {
                let values = expected.dropFirst(block.lowerBound).prefix(block.count)
                let (low, high) = (values.min() ?? 0, values.max() ?? 0)
                for (column, value) in zip(block, values) {
                    let tolerance =
                        rows.tolerance(value, low: low, high: high)
                        + error * max(1, abs(value))
                    #expect(abs(rows.value(row, column) - value) <= tolerance)
                }
            }
            #expect(rows.padding(row).allSatisfy { $0 == 0 })
        }
    }
}
