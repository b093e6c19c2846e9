import Kernels

/// One layer of BERT: attention and a feed-forward block, each with a residual and a LayerNorm.
///
/// - Shapes: as in `BERTEncoder`.
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

    private let activation: ActivationFunction
    private let kernels: EncoderKernels

    /// Number of parameters.
    var parameterCount: Int {
        linears.reduce(attentionNorm.parameterCount + outputNorm.parameterCount) {
            $0 + $1.parameterCount
        }
    }

    /// Bytes of the weights in memory.
    var byteCount: Int {
        let norms = attentionNorm.parameterCount + outputNorm.parameterCount
        return linears.reduce(norms * MemoryLayout<Float>.stride) { $0 + $1.byteCount }
    }

    private var linears: [Linear] { [queryKeyValue, attentionOutput, expansion, contraction] }

    /// Computes the queries, keys and values of `rows`, H → 3·H in one product.
    ///
    /// - Parameters:
    ///   - rows: of the batch.
    ///   - states: whose input is read and projections are set.
    ///   - origin: the row of the batch that row 0 of the projections stands for.
    ///   - profile: where the time is counted.
    func project(
        _ rows: Range<Int>,
        _ states: BatchStates,
        origin: Int,
        profile: EncoderProfile?
    ) {
        profile.measure(.products) {
            queryKeyValue.project(
                states.input,
                rows,
                into: states.projections,
                at: rows.lowerBound - origin
            )
        }
    }

    /// From the context to the next layer's input, for the rows `tile` of `rows`.
    ///
    /// hidden = LayerNorm(hidden + context·W + b), then
    /// hidden = LayerNorm(hidden + f(hidden·W₁ + b₁)·W₂ + b₂).
    func finish(
        _ tile: Range<Int>,
        of rows: Range<Int>,
        _ states: BatchStates,
        _ scratch: LayerScratch
    ) {
        let (hidden, input) = (states.hidden, states.input)
        let (context, intermediate) = (scratch.contextOperand, scratch.intermediateOperand)
        let own = rows.lowerBound + tile.lowerBound..<rows.lowerBound + tile.upperBound
        let local = 0..<tile.count
        let profile = scratch.profile
        profile.measure(.encoding) { kernels.encode(scratch.context, tile, into: context, at: 0) }
        profile.measure(.products) {
            attentionOutput.apply(to: context, local, .add, hidden, at: own.lowerBound)
        }
        profile.measure(.norms) {
            attentionNorm.apply(to: hidden, own, into: input, kernels: kernels)
        }
        profile.measure(.products) {
            expansion.apply(to: input, own, .set, scratch.intermediate, at: 0)
        }
        profile.measure(.activation) {
            kernels.activate(scratch.intermediate, local, activation, into: intermediate, at: 0)
        }
        profile.measure(.products) {
            contraction.apply(to: intermediate, local, .add, hidden, at: own.lowerBound)
        }
        profile.measure(.norms) {
            outputNorm.apply(to: hidden, own, into: input, kernels: kernels)
        }
    }
}

// MARK: - Weights

extension BERTLayer {
    /// The tensors that layer `index` needs.
    static func expectations(
        _ configuration: BERTConfiguration,
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
    init(
        _ configuration: BERTConfiguration,
        index: Int,
        weights: WeightMap,
        kernels: EncoderKernels
    ) {
        self.kernels = kernels
        let width = configuration.hiddenSize
        let prefix = Self.prefix(index)
        queryKeyValue = Linear(
            weights,
            names: ["query", "key", "value"].map { "\(prefix)attention.self.\($0)" },
            inputs: width,
            kernels: kernels
        )
        attentionOutput = Linear(
            weights,
            names: [prefix + "attention.output.dense"],
            inputs: width,
            kernels: kernels
        )
        attentionNorm = LayerNorm(
            weights,
            name: prefix + "attention.output.LayerNorm",
            epsilon: configuration.layerNormEpsilon
        )
        expansion = Linear(
            weights,
            names: [prefix + "intermediate.dense"],
            inputs: width,
            kernels: kernels
        )
        contraction = Linear(
            weights,
            names: [prefix + "output.dense"],
            inputs: configuration.intermediateSize,
            kernels: kernels
        )
        outputNorm = LayerNorm(
            weights,
            name: prefix + "output.LayerNorm",
            epsilon: configuration.layerNormEpsilon
        )
        activation = configuration.activation
    }

    private static func prefix(_ index: Int) -> String { "encoder.layer.\(index)." }
}
