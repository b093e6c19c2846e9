import Kernels

/// Normalisation by the root of the mean square, with a learned scale; see `EncoderKernels.rmsNorm`.
struct RMSNorm: Sendable {
    let scale: [Float]
    let epsilon: Float

    /// Reads the layer called `name`.
    init(_ weights: WeightMap, name: String, epsilon: Float) {
        scale = weights.floats(name + ".weight")
        self.epsilon = epsilon
    }

    /// Encodes the normalised rows of `buffer` into the same rows of `operand`.
    func apply(
        to buffer: RowBuffer<Float>,
        _ rows: Range<Int>,
        into operand: OperandRows,
        kernels: EncoderKernels
    ) {
        kernels.rmsNorm(
            buffer,
            rows,
            scale: scale,
            epsilon: epsilon,
            into: operand,
            at: rows.lowerBound
        )
    }

    /// Replaces the rows of `buffer` by the normalised ones.
    func apply(to buffer: RowBuffer<Float>, _ rows: Range<Int>) {
        let kernels = EncoderKernels(.f32)
        let row = OperandRows(columns: buffer.columns, kernels: kernels)
        row.reserve(rows: 1)
        for index in rows {
            kernels.rmsNorm(
                buffer,
                index..<index + 1,
                scale: scale,
                epsilon: epsilon,
                into: row,
                at: 0
            )
            row.withFloats(0..<1) { normalised in
                buffer.withMutableRows(index..<index + 1) { state in
                    for column in normalised.indices { state[column] = normalised[column] }
                }
            }
        }
    }
}
