package import Kernels

/// An affine map of rows: y = x·Wᵀ + b.
///
/// - Shapes: `x`: rows × `inputs`. `y`: rows × `outputs`. The file's W is outputs × inputs.
package struct Linear: Sendable {
    /// Elements of an input row.
    package let inputs: Int
    /// Elements of an output row.
    package let outputs: Int

    private let weight: Weight

    /// Wᵀ and b, in the one layout that this process multiplies with.
    private enum Weight: Sendable {
        /// For our own kernels.
        case packed(PackedMatrix)
        /// For OpenBLAS: inputs × outputs, row-major, in f32.
        case plain([Float], bias: [Float])
    }

    /// Number of parameters.
    var parameterCount: Int { inputs * outputs + outputs }

    /// Bytes of the weights in memory.
    var byteCount: Int {
        switch weight {
        case .packed(let matrix): matrix.byteCount
        case .plain: parameterCount * MemoryLayout<Float>.stride
        }
    }

    /// Joins maps of the same input into one whose output is theirs side by side.
    ///
    /// - Parameters:
    ///   - weights: each `outputs × inputs` as in the file.
    ///   - biases: one for each weight.
    ///   - inputs: elements of an input row.
    ///   - kernels: of the product.
    ///   - isPacked: whether our own kernels multiply in f32; where they have no vector variant worth
    ///     having, OpenBLAS does.
    package init(
        weights: [[Float]],
        biases: [[Float]],
        inputs: Int,
        kernels: EncoderKernels,
        isPacked: Bool = PackedMatrix.isVectorised
    ) {
        let bias = biases.flatMap(\.self)
        self.inputs = inputs
        outputs = bias.count
        if isPacked || kernels.precision != .f32 {
            weight = .packed(
                PackedMatrix(
                    transposing: weights,
                    inner: inputs,
                    bias: bias,
                    kernels: kernels
                )
            )
        } else {
            let matrix = weights.flatMap(\.self)
            precondition(matrix.count == inputs * bias.count, "\(matrix.count) weights")
            weight = .plain(Self.transpose(matrix, columns: inputs), bias: bias)
        }
    }

    /// Reads the maps called `names`, joined; without a bias it is zero.
    init(
        _ weights: WeightMap,
        names: [String],
        inputs: Int,
        kernels: EncoderKernels,
        hasBias: Bool = true
    ) {
        var matrices: [[Float]] = []
        var biases: [[Float]] = []
        for name in names {
            let matrix = weights.floats(name + ".weight")
            matrices.append(matrix)
            biases.append(
                hasBias
                    ? weights.floats(name + ".bias")
                    : [Float](repeating: 0, count: matrix.count / inputs)
            )
        }
        self.init(weights: matrices, biases: biases, inputs: inputs, kernels: kernels)
    }

    /// Maps `rows` of an operand.
    ///
    /// - Parameters:
    ///   - operand: the input, for products of this map's kernels.
    ///   - rows: which of it.
    ///   - output: whether the map replaces what is in `target` or is added to it.
    ///   - target: receives the output.
    ///   - first: its row for the first of `rows`.
    package func apply(
        to operand: OperandRows,
        _ rows: Range<Int>,
        _ output: PackedMatrix.Output,
        _ target: RowBuffer<Float>,
        at first: Int
    ) {
        switch weight {
        case .packed(let matrix): matrix.multiply(operand, rows, output, target, at: first)
        case .plain(let matrix, let bias):
            target.withMutableRows(first..<first + rows.count) { sums in
                multiply(operand, rows, matrix, bias, replaces: output == .set, &sums)
            }
        }
    }

    /// Maps `rows` of an operand to queries, keys and values.
    ///
    /// - Parameters:
    ///   - operand: the input, for products of this map's kernels.
    ///   - rows: which of it.
    ///   - projections: made by `EncoderKernels.makeProjections`; receives the output.
    ///   - first: its row for the first of `rows`.
    func project(
        _ operand: OperandRows,
        _ rows: Range<Int>,
        into projections: RowBuffer<UInt32>,
        at first: Int
    ) {
        switch weight {
        case .packed(let matrix): matrix.project(operand, rows, into: projections, at: first)
        case .plain(let matrix, let bias):
            projections.withMutableFloats(first..<first + rows.count) { sums in
                multiply(operand, rows, matrix, bias, replaces: true, &sums)
            }
        }
    }

    /// The map of one vector, of `inputs` elements, by this map's kernels.
    package func apply(to vector: [Float], kernels: EncoderKernels) -> [Float] {
        let input = RowBuffer<Float>(columns: inputs, zero: 0)
        let operand = OperandRows(columns: inputs, kernels: kernels)
        let output = RowBuffer<Float>(columns: outputs, zero: 0)
        input.reserve(rows: 1)
        operand.reserve(rows: 1)
        output.reserve(rows: 1)
        input.withMutableRows(0..<1) { row in
            for index in vector.indices { row[index] = vector[index] }
        }
        kernels.encode(input, 0..<1, into: operand, at: 0)
        apply(to: operand, 0..<1, .set, output, at: 0)
        return output.withRows(0..<1) { row in row.indices.map { row[$0] } }
    }

    private func multiply(
        _ operand: OperandRows,
        _ rows: Range<Int>,
        _ matrix: [Float],
        _ bias: [Float],
        replaces: Bool,
        _ sums: inout MutableSpan<Float>
    ) {
        if replaces { sums.update(repeating: 0) }
        operand.withFloats(rows) { input in
            MatrixMultiply.add(
                input,
                times: matrix.span,
                to: &sums,
                inner: inputs,
                columns: outputs
            )
        }
        for start in stride(from: 0, to: sums.count, by: outputs) {
            for column in 0..<outputs { sums[start + column] += bias[column] }
        }
    }

    private static func transpose(_ matrix: [Float], columns: Int) -> [Float] {
        let rows = matrix.count / columns
        var transposed = [Float](repeating: 0, count: matrix.count)
        for row in 0..<rows {
            for column in 0..<columns {
                transposed[column * rows + row] = matrix[row * columns + column]
            }
        }
        return transposed
    }
}
