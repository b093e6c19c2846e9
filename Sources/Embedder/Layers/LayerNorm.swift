import Kernels

/// Layer normalisation with a learned scale and shift; see `Activations.layerNorm`.
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

    /// Replaces each row x by the normalised x + bias.
    package func apply(to rows: inout MutableSpan<Float>, addingBias bias: [Float]) {
        Activations.layerNorm(
            &rows,
            addingBias: bias.span,
            scale: scale.span,
            shift: shift.span,
            epsilon: epsilon
        )
    }
}

extension LayerNorm {
    /// Reads the layer called `name`.
    init(_ weights: borrowing WeightMap, name: String, epsilon: Float) {
        self.init(
            scale: weights.floats(name + ".weight"),
            shift: weights.floats(name + ".bias"),
            epsilon: epsilon
        )
    }
}
