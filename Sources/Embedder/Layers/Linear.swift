import Kernels

/// An affine map of rows: y = x·Wᵀ + b.
///
/// - Shapes: `x`: rows × `inputs`. `y`: rows × `outputs`. The file's W is outputs × inputs; it is
///   kept transposed, which OpenBLAS reads faster when there are few rows.
package struct Linear: Sendable {
    /// Elements of an input row.
    package let inputs: Int
    /// Elements of an output row.
    package let outputs: Int

    /// Wᵀ: inputs × outputs.
    private let weight: [Float]
    /// `outputs` elements.
    package let bias: [Float]

    /// Number of parameters.
    var parameterCount: Int { weight.count + bias.count }

    /// Joins maps of the same input into one whose output is theirs side by side.
    ///
    /// - Parameters:
    ///   - weights: each `outputs × inputs` as in the file.
    ///   - biases: one for each weight.
    ///   - inputs: elements of an input row.
    package init(weights: [[Float]], biases: [[Float]], inputs: Int) {
        let outputs = biases.reduce(0) { $0 + $1.count }
        var transposed = [Float](repeating: 0, count: inputs * outputs)
        var column = 0
        for (weight, bias) in zip(weights, biases) {
            precondition(
                weight.count == bias.count * inputs,
                "a weight of \(weight.count) elements"
            )
            Self.transpose(
                weight,
                columns: inputs,
                into: &transposed,
                at: column,
                stride: outputs
            )
            column += bias.count
        }
        self.inputs = inputs
        self.outputs = outputs
        weight = transposed
        bias = biases.flatMap(\.self)
    }

    /// Reads the maps called `names`, joined.
    init(_ weights: borrowing WeightMap, names: [String], inputs: Int) {
        var matrices: [[Float]] = []
        var biases: [[Float]] = []
        for name in names {
            matrices.append(weights.floats(name + ".weight"))
            biases.append(weights.floats(name + ".bias"))
        }
        self.init(weights: matrices, biases: biases, inputs: inputs)
    }

    /// Sets `output` to the map of `input`.
    func apply(to input: Span<Float>, into output: inout MutableSpan<Float>) {
        // The product adds to what is there, so the bias costs nothing more.
        Activations.fill(&output, with: bias.span)
        addProduct(of: input, to: &output)
    }

    /// Sets `output` to x·Wᵀ, for a caller whose next pass adds the bias.
    func applyWithoutBias(to input: Span<Float>, into output: inout MutableSpan<Float>) {
        output.update(repeating: 0)
        addProduct(of: input, to: &output)
    }

    /// Adds x·Wᵀ to `sum`: a residual connection, but for the bias.
    func addProduct(of input: Span<Float>, to sum: inout MutableSpan<Float>) {
        MatrixMultiply.add(input, times: weight.span, to: &sum, inner: inputs, columns: outputs)
    }

    /// Writes the transpose of a matrix into a part of another one's columns.
    ///
    /// Goes by blocks of rows, which stay in the first-level cache.
    private static func transpose(
        _ matrix: [Float],
        columns: Int,
        into target: inout [Float],
        at offset: Int,
        stride step: Int
    ) {
        let block = 32
        let rows = matrix.count / columns
        let source = matrix.span
        var target = target.mutableSpan
        for rowStart in stride(from: 0, to: rows, by: block) {
            let rowEnd = min(rowStart + block, rows)
            for column in 0..<columns {
                for row in rowStart..<rowEnd {
                    target[column * step + offset + row] = source[row * columns + column]
                }
            }
        }
    }
}
