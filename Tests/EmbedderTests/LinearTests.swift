import Embedder
import Kernels
import TestSupport
import Testing

/// Both layouts of a map's weights, each against the formula in double precision.
@Suite("Linear maps")
struct LinearTests {
    /// Row counts around a step, outputs around a panel, inputs around a slice of one.
    static let shapes: [(rows: Int, inputs: Int, outputs: Int)] = [
        (1, 1, 1), (1, 384, 1_152), (5, 3, 7), (6, 31, 32), (7, 64, 33), (13, 511, 65),
        (12, 512, 96), (19, 513, 40), (100, 1_536, 48),
    ]

    @Test("x·W' + b is what it says, with either product", arguments: shapes, [true, false])
    func map(shape: (rows: Int, inputs: Int, outputs: Int), isPacked: Bool) throws {
        try MatrixMultiply.prepare()
        var random = SeededRandom(seed: UInt64(shape.rows + shape.inputs + shape.outputs))
        let draw = { (count: Int) in (0..<count).map { _ in random.normal() } }
        let (rows, inputs, outputs) = shape
        let (x, weight, bias) = (draw(rows * inputs), draw(outputs * inputs), draw(outputs))
        // Two maps joined, unless there is only one output.
        let cut = outputs / 2
        let linear = Linear(
            weights: [Array(weight[..<(cut * inputs)]), Array(weight[(cut * inputs)...])],
            biases: [Array(bias[..<cut]), Array(bias[cut...])],
            inputs: inputs,
            kernels: EncoderKernels(.f32),
            isPacked: isPacked
        )
        let input = RowBuffer<Float>(columns: inputs, zero: 0)
        let operand = OperandRows(columns: inputs, kernels: EncoderKernels(.f32))
        let output = RowBuffer<Float>(columns: outputs, zero: .nan)
        for buffer in [input, output] { buffer.reserve(rows: rows) }
        operand.reserve(rows: rows)
        input.withMutableRows(0..<rows) { row in for index in x.indices { row[index] = x[index] } }
        EncoderKernels(.f32).encode(input, 0..<rows, into: operand, at: 0)
        linear.apply(to: operand, 0..<rows, .set, output, at: 0)
        let y = output.withRows(0..<rows) { row in row.indices.map { row[$0] } }
        for row in 0..<rows {
            for output in 0..<outputs {
                let expected = (0..<inputs).reduce(Double(bias[output])) {
                    $0 + Double(x[row * inputs + $1]) * Double(weight[output * inputs + $1])
                }
                #expect(abs(Double(y[row * outputs + output]) - expected) < 1e-3)
            }
        }
    }

    @Test("an element far larger than the others costs precision in its own block only")
    func outliers() throws {
        var random = SeededRandom(seed: 64)
        let (inputs, outputs) = (256, 48)
        var x = (0..<inputs).map { _ in random.normal() }
        // As in the states of large decoders; its weights are zero, so that only its company shows.
        x[100] = 1_000
        var weight = (0..<outputs * inputs).map { _ in random.normal() }
        for output in 0..<outputs { weight[output * inputs + 100] = 0 }
        let expected = (0..<outputs).map { output in
            (0..<inputs).reduce(0.0) { $0 + Double(x[$1]) * Double(weight[output * inputs + $1]) }
        }
        let errors = [true, false].map { (hasBlocks: Bool) -> Double in
            let kernels = EncoderKernels(.int8, hasBlocks: hasBlocks)
            let linear = Linear(
                weights: [weight],
                biases: [[Float](repeating: 0, count: outputs)],
                inputs: inputs,
                kernels: kernels
            )
            let product = linear.apply(to: x, kernels: kernels)
            return zip(product, expected).reduce(0.0) { $0 + abs(Double($1.0) - $1.1) }
        }
        // A quarter of the row shares the block, and errors add up like lengths of a random walk.
        #expect(errors[0] < 0.7 * errors[1])
    }
}
