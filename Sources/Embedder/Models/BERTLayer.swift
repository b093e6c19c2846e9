import Kernels

/// One layer of BERT: attention and a feed-forward block, each with a residual and a LayerNorm.
///
/// - Shapes: as in `BERTEncoder`; `G` rows in a group of whole texts.
struct BERTLayer: Sendable {
    /// attention.self.{query,key,value}, joined: H → 3·H.
    private let queryKeyValue: Linear
    /// attention.output.dense: H → H.
    private let attentionOutput: Linear
    /// attention.output.LayerNorm.
    private let attentionNorm: LayerNorm
    /// intermediate.dense: H → F.
    private let expansion: Linear
    /// output.dense: F → H.
    private let contraction: Linear
    /// output.LayerNorm.
    private let outputNorm: LayerNorm

    private let headCount: Int
    private let headSize: Int
    private let activation: Activations.Function

    /// Number of parameters.
    var parameterCount: Int {
        queryKeyValue.parameterCount + attentionOutput.parameterCount
            + attentionNorm.parameterCount + expansion.parameterCount + contraction.parameterCount
            + outputNorm.parameterCount
    }

    /// Runs the layer over the rows of one group of texts, in `workspace.hidden`.
    func forward(_ batch: PackedBatch, group: Range<Int>, workspace: EncoderWorkspace) {
        attend(batch, group: group, workspace: workspace)
        let rows = batch.rows(of: group)
        for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.tile) {
            feedForward(start..<min(start + Self.tile, rows.upperBound), workspace: workspace)
        }
    }

    private static let tile = EncoderWorkspace.feedForwardRowsMax

    /// hidden = LayerNorm(hidden + attention(hidden)·W + b), over the G rows of a group.
    private func attend(_ batch: PackedBatch, group: Range<Int>, workspace: EncoderWorkspace) {
        let rows = batch.rows(of: group)
        let local = 0..<rows.count
        // Pass 1: queries, keys and values in one product, H → 3·H.
        workspace.hidden.withRows(rows) { hidden in
            workspace.projections.withMutableRows(local) { projections in
                queryKeyValue.apply(to: hidden, into: &projections)
            }
        }
        // Pass 2: every text attends to itself alone.
        for index in group {
            let text = batch.rows(of: index)
            let own = text.lowerBound - rows.lowerBound..<text.upperBound - rows.lowerBound
            attend(own, workspace: workspace)
        }
        // Pass 3: the output product added to the residual, then bias and LayerNorm in one sweep.
        workspace.hidden.withMutableRows(rows) { hidden in
            workspace.context.withRows(local) { context in
                attentionOutput.addProduct(of: context, to: &hidden)
            }
            attentionNorm.apply(to: &hidden, addingBias: attentionOutput.bias)
        }
    }

    /// Attention of one text, whose rows of the group are `rows`.
    private func attend(_ rows: Range<Int>, workspace: EncoderWorkspace) {
        workspace.projections.withRows(rows) { projections in
            workspace.context.withMutableRows(rows) { context in
                workspace.scratch.withMutableRows(0..<workspace.scratch.rowCapacity) { scratch in
                    Attention.apply(
                        projections: projections,
                        context: &context,
                        scratch: &scratch,
                        heads: headCount,
                        headSize: headSize
                    )
                }
            }
        }
    }

    /// hidden = LayerNorm(hidden + f(hidden·W₁ + b₁)·W₂ + b₂), over a tile of rows.
    private func feedForward(_ rows: Range<Int>, workspace: EncoderWorkspace) {
        workspace.intermediate.withMutableRows(0..<rows.count) { intermediate in
            workspace.hidden.withRows(rows) { hidden in
                expansion.applyWithoutBias(to: hidden, into: &intermediate)
            }
            Activations.apply(activation, to: &intermediate, addingBias: expansion.bias.span)
            workspace.hidden.withMutableRows(rows) { hidden in
                contraction.addProduct(of: intermediate.span, to: &hidden)
                outputNorm.apply(to: &hidden, addingBias: contraction.bias)
            }
        }
    }
}

// MARK: - Weights

extension BERTLayer {
    /// The tensors that layer `index` needs.
    static func expectations(
        _ configuration: ModelConfiguration,
        index: Int
    ) -> [WeightMap.Expectation] {
        let width = configuration.hiddenSize
        let inner = configuration.intermediateSize
        var expectations: [WeightMap.Expectation] = []
        for (name, outputs, inputs) in [
            ("attention.self.query", width, width),
            ("attention.self.key", width, width),
            ("attention.self.value", width, width),
            ("attention.output.dense", width, width),
            ("intermediate.dense", inner, width),
            ("output.dense", width, inner),
        ] {
            expectations.append(
                WeightMap.Expectation(
                    name: "\(prefix(index))\(name).weight",
                    shape: [outputs, inputs]
                )
            )
            expectations.append(
                WeightMap.Expectation(name: "\(prefix(index))\(name).bias", shape: [outputs])
            )
        }
        for name in ["attention.output.LayerNorm", "output.LayerNorm"] {
            for part in ["weight", "bias"] {
                expectations.append(
                    WeightMap.Expectation(name: "\(prefix(index))\(name).\(part)", shape: [width])
                )
            }
        }
        return expectations
    }

    /// Reads the weights of layer `index`.
    init(_ configuration: ModelConfiguration, index: Int, weights: borrowing WeightMap) {
        let width = configuration.hiddenSize
        let prefix = Self.prefix(index)
        queryKeyValue = Linear(
            weights,
            names: ["query", "key", "value"].map { "\(prefix)attention.self.\($0)" },
            inputs: width
        )
        attentionOutput = Linear(weights, names: [prefix + "attention.output.dense"], inputs: width)
        attentionNorm = LayerNorm(
            weights,
            name: prefix + "attention.output.LayerNorm",
            epsilon: configuration.layerNormEpsilon
        )
        expansion = Linear(weights, names: [prefix + "intermediate.dense"], inputs: width)
        contraction = Linear(
            weights,
            names: [prefix + "output.dense"],
            inputs: configuration.intermediateSize
        )
        outputNorm = LayerNorm(
            weights,
            name: prefix + "output.LayerNorm",
            epsilon: configuration.layerNormEpsilon
        )
        headCount = configuration.headCount
        headSize = configuration.headSize
        activation = configuration.activation
    }

    private static func prefix(_ index: Int) -> String { "encoder.layer.\(index)." }
}
