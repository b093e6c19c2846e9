import Kernels

/// An affine map of rows: y = x·Wᵀ + b.
///
/// - Shapes: `x`: rows × `inputs`. `y`: rows × `outputs`. The file's W is outputs × inputs.
package struct Linear: Sendable {
    /// Elements of an input row.
    package let inputs: Int
    /// Elements of an output row.
    package let outputs: Int
    /// `outputs` elements.
    package let bias: [Float]

    private let weight: Weight

    /// Wᵀ, in the one layout that this process multiplies with.
    private enum Weight: Sendable {
        /// For our own kernels.
        case packed(PackedMatrix)
        /// For OpenBLAS: inputs × outputs, row-major.
        case plain([Float])
    }

    /// Number of parameters.
    var parameterCount: Int { inputs * outputs + outputs }

    /// Joins maps of the same input into one whose output is theirs side by side.
    ///
    /// - Parameters:
    ///   - weights: each `outputs × inputs` as in the file.
    ///   - biases: one for each weight.
    ///   - inputs: elements of an input row.
    ///   - isPacked: whether our own kernels multiply; where they have no vector instructions,
    ///     OpenBLAS does.
    package init(
        weights: [[Float]],
        biases: [[Float]],
        inputs: Int,
        isPacked: Bool = PackedMatrix.isVectorised
    ) {
        let bias = biases.flatMap(\.self)
        let matrix = weights.count == 1 ? weights[0] : weights.flatMap(\.self)
        precondition(
            matrix.count == inputs * bias.count,
            "\(matrix.count) weights for \(inputs) inputs, \(bias.count) outputs"
        )
        self.inputs = inputs
        self.bias = bias
        outputs = bias.count
        weight =
            isPacked
            ? .packed(PackedMatrix(transposing: matrix, inner: inputs))
            : .plain(Self.transpose(matrix, columns: inputs))
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
    package func apply(to input: Span<Float>, into output: inout MutableSpan<Float>) {
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
        switch weight {
        case .packed(let matrix): matrix.addProduct(of: input, to: &sum)
        case .plain(let matrix):
            MatrixMultiply.add(input, times: matrix.span, to: &sum, inner: inputs, columns: outputs)
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
