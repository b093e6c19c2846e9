import Kernels

/// The first step of BERT: the sum of a token's, a position's and a type's embedding, normalised.
struct BERTEmbeddings: Sendable {
    private let tokens: [Float]
    private let positions: [Float]
    private let types: [Float]
    private let norm: LayerNorm
    private let noBias: [Float]
    private let width: Int

    /// Number of parameters.
    var parameterCount: Int {
        tokens.count + positions.count + types.count + norm.parameterCount
    }

    private static let prefix = "embeddings."

    /// The tensors that the step needs.
    static func expectations(_ configuration: ModelConfiguration) -> [WeightMap.Expectation] {
        let width = configuration.hiddenSize
        return [
            ("word_embeddings.weight", [configuration.vocabularyCount, width]),
            ("position_embeddings.weight", [configuration.positionCount, width]),
            ("token_type_embeddings.weight", [configuration.typeCount, width]),
            ("LayerNorm.weight", [width]),
            ("LayerNorm.bias", [width]),
        ].map { WeightMap.Expectation(name: prefix + $0.0, shape: $0.1) }
    }

    /// Reads the step's weights.
    init(_ configuration: ModelConfiguration, weights: borrowing WeightMap) {
        tokens = weights.floats(Self.prefix + "word_embeddings.weight")
        positions = weights.floats(Self.prefix + "position_embeddings.weight")
        types = weights.floats(Self.prefix + "token_type_embeddings.weight")
        norm = LayerNorm(
            weights,
            name: Self.prefix + "LayerNorm",
            epsilon: configuration.layerNormEpsilon
        )
        noBias = [Float](repeating: 0, count: configuration.hiddenSize)
        width = configuration.hiddenSize
    }

    /// Sets `workspace.hidden` to the embeddings of every token of `batch`.
    func forward(_ batch: PackedBatch, workspace: EncoderWorkspace) {
        var next = 0
        for encoding in batch.encodings {
            for position in 0..<encoding.count {
                workspace.hidden.withMutableRows(next..<next + 1) { state in
                    Activations.fill(
                        &state,
                        with: tokens.span.extracting(row(encoding.ids[position]))
                    )
                    Activations.add(positions.span.extracting(row(Int32(position))), to: &state)
                    Activations.add(
                        types.span.extracting(row(encoding.typeIDs[position])),
                        to: &state
                    )
                    norm.apply(to: &state, addingBias: noBias)
                }
                next += 1
            }
        }
    }

    /// The elements of a table's row.
    private func row(_ index: Int32) -> Range<Int> {
        Int(index) * width..<(Int(index) + 1) * width
    }
}
