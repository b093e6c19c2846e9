package import Kernels

/// Layer normalisation with a learned scale and shift; see `EncoderKernels.layerNorm`.
package struct LayerNorm: Sendable {
    private let scale: [Float]
    private let shift: [Float]
    private let epsilon: Float

    /// Number of parameters.
    var parameterCount: Int { scale.count + shift.count }

    /// Creates the layer; `scale` and `shift` have one element a column.
    package init(scale: [Float], shift: [Float], epsilon: Float) {
        precondition(scale.count == shift.count, "\(scale.count) scales, \(shift.count) shifts")
        self.scale = scale
        self.shift = shift
        self.epsilon = epsilon
    }

    /// Replaces each row of `buffer` by the normalised one, and encodes it into the same row of
    /// `operand`.
    package func apply(
        to buffer: RowBuffer<Float>,
        _ rows: Range<Int>,
        into operand: OperandRows,
        kernels: EncoderKernels
    ) {
        kernels.layerNorm(
            buffer,
            rows,
            scale: scale,
            shift: shift,
            epsilon: epsilon,
            into: operand,
            at: rows.lowerBound
        )
    }
}

extension LayerNorm {
    /// Reads the layer called `name`.
    init(_ weights: WeightMap, name: String, epsilon: Float) {
        self.init(
            scale: weights.floats(name + ".weight"),
            shift: weights.floats(name + ".bias"),
            epsilon: epsilon
        )
    }
}
