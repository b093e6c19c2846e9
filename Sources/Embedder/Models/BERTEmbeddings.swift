import Kernels

/// The first step of BERT: the sum of a token's, a position's and a type's embedding, normalised.
struct BERTEmbeddings: Sendable {
    private let tokens: [Float]
    private let positions: [Float]
    private let types: [Float]
    private let norm: LayerNorm
    private let firstPosition: Int
    private let width: Int

    /// Number of parameters.
    var parameterCount: Int {
        tokens.count + positions.count + types.count + norm.parameterCount
    }

    private static let prefix = "embeddings."

    /// The tensors that the step needs.
    static func expectations(_ configuration: BERTConfiguration) -> [WeightMap.Expectation] {
        let width = configuration.hiddenSize
        return [
            ("word_embeddings.weight", [configuration.vocabularyCount, width]),
            ("position_embeddings.weight", [configuration.positionTableCount, width]),
            ("token_type_embeddings.weight", [configuration.typeCount, width]),
            ("LayerNorm.weight", [width]),
            ("LayerNorm.bias", [width]),
        ].map { WeightMap.Expectation(name: prefix + $0.0, shape: $0.1) }
    }

    /// Reads the step's weights.
    init(_ configuration: BERTConfiguration, weights: WeightMap) {
        tokens = weights.floats(Self.prefix + "word_embeddings.weight")
        positions = weights.floats(Self.prefix + "position_embeddings.weight")
        types = weights.floats(Self.prefix + "token_type_embeddings.weight")
        norm = LayerNorm(
            weights,
            name: Self.prefix + "LayerNorm",
            epsilon: configuration.layerNormEpsilon
        )
        firstPosition = configuration.firstPosition
        width = configuration.hiddenSize
    }

    /// Sets the states of `rows` of a batch to the embeddings of their tokens, and encodes them.
    func forward(
        _ batch: PackedBatch,
        rows: Range<Int>,
        states: BatchStates,
        kernels: EncoderKernels
    ) {
        for index in batch.texts(in: rows) {
            let text = batch.rows(of: index)
            let encoding = batch.encoding(index)
            for row in text.clamped(to: rows) {
                let position = row - text.lowerBound
                states.hidden.withMutableRows(row..<row + 1) { state in
                    add(tokens, encoding.ids[position], to: &state, replaces: true)
                    add(positions, Int32(firstPosition + position), to: &state)
                    add(types, encoding.typeIDs[position], to: &state)
                }
            }
        }
        norm.apply(to: states.hidden, rows, into: states.input, kernels: kernels)
    }

    /// Adds a table's row to `state`.
    private func add(
        _ table: [Float],
        _ index: Int32,
        to state: inout MutableSpan<Float>,
        replaces: Bool = false
    ) {
        if replaces { state.update(repeating: 0) }
        let elements = Int(index) * width..<(Int(index) + 1) * width
        FloatRows.add(table.span.extracting(elements), to: &state)
    }
}
