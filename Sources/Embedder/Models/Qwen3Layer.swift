import Kernels

/// One layer of Qwen3: attention and a gated feed-forward block, each behind an RMSNorm and added to
/// the residual stream.
struct Qwen3Layer: Sendable {
    /// input_layernorm.
    private let inputNorm: RMSNorm
    /// self_attn.{q,k,v}_proj, joined: H → (heads + 2 · key heads) · D.
    private let queryKeyValue: Linear
    /// self_attn.q_norm and k_norm, over the elements of a head.
    private let queryNorm: RMSNorm
    private let keyNorm: RMSNorm
    /// self_attn.o_proj: heads · D → H.
    private let attentionOutput: Linear
    /// post_attention_layernorm.
    private let innerNorm: RMSNorm
    /// mlp.{gate,up}_proj, joined: H → 2 · F.
    private let expansion: Linear
    /// mlp.down_proj: F → H.
    private let contraction: Linear

    private let shape: EncoderShape
    private let kernels: EncoderKernels

    private var linears: [Linear] { [queryKeyValue, attentionOutput, expansion, contraction] }
    private var norms: [RMSNorm] { [inputNorm, queryNorm, keyNorm, innerNorm] }

    /// Number of parameters.
    var parameterCount: Int {
        linears.reduce(0) { $0 + $1.inputs * $1.outputs } + norms.reduce(0) { $0 + $1.scale.count }
    }

    /// Bytes of the weights in memory.
    var byteCount: Int {
        linears.reduce(0) { $0 + $1.byteCount }
            + norms.reduce(0) { $0 + $1.scale.count * MemoryLayout<Float>.stride }
    }

    /// Computes the queries, keys and values of rows, rotated to their positions.
    ///
    /// - Parameters: as `TransformerEncoder.project`; `angles` as `EncoderKernels.rotate` takes them.
    func project(
        _ rows: Range<Int>,
        of batch: PackedBatch,
        _ states: BatchStates,
        origin: Int,
        scratch: LayerScratch,
        angles: [Float]
    ) {
        let profile = scratch.profile
        for tile in scratch.tiles(of: rows.count) {
            let own = rows.lowerBound + tile.lowerBound..<rows.lowerBound + tile.upperBound
            profile.measure(.norms) {
                inputNorm.apply(to: states.hidden, own, into: states.input, kernels: kernels)
            }
            profile.measure(.products) {
                queryKeyValue.apply(to: states.input, own, .set, scratch.heads, at: 0)
            }
            profile.measure(.norms) {
                for index in batch.texts(in: own) {
                    let text = batch.rows(of: index)
                    let part = text.clamped(to: own)
                    kernels.rotate(
                        scratch.heads,
                        part.lowerBound - own.lowerBound..<part.upperBound - own.lowerBound,
                        shape.attention,
                        norms: (queryNorm.scale, keyNorm.scale, queryNorm.epsilon),
                        angles: angles,
                        position: batch.firstPosition + part.lowerBound - text.lowerBound,
                        into: states.projections,
                        at: part.lowerBound - origin
                    )
                }
            }
        }
    }

    /// From the context to the layer's result, for the rows `tile` of `rows`.
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
            innerNorm.apply(to: hidden, own, into: input, kernels: kernels)
        }
        profile.measure(.products) {
            expansion.apply(to: input, own, .set, scratch.intermediate, at: 0)
        }
        profile.measure(.activation) {
            kernels.gate(scratch.intermediate, local, into: intermediate, at: 0)
        }
        profile.measure(.products) {
            contraction.apply(to: intermediate, local, .add, hidden, at: own.lowerBound)
        }
    }
}

// MARK: - Weights

extension Qwen3Layer {
    /// The tensors that layer `index` needs.
    static func expectations(
        _ configuration: Qwen3Configuration,
        index: Int
    ) -> [WeightMap.Expectation] {
        let (width, inner) = (configuration.hiddenSize, configuration.intermediateSize)
        let heads = configuration.attention
        let keyWidth = heads.keyHeads * heads.headSize
        return [
            ("input_layernorm", [width]),
            ("self_attn.q_proj", [heads.width, width]),
            ("self_attn.k_proj", [keyWidth, width]),
            ("self_attn.v_proj", [keyWidth, width]),
            ("self_attn.q_norm", [heads.headSize]),
            ("self_attn.k_norm", [heads.headSize]),
            ("self_attn.o_proj", [width, heads.width]),
            ("post_attention_layernorm", [width]),
            ("mlp.gate_proj", [inner, width]),
            ("mlp.up_proj", [inner, width]),
            ("mlp.down_proj", [width, inner]),
        ].map { name, shape in
            WeightMap.Expectation(name: "\(prefix(index))\(name).weight", shape: shape)
        }
    }

    /// Reads the weights of layer `index`.
    init(
        _ configuration: Qwen3Configuration,
        index: Int,
        weights: WeightMap,
        kernels: EncoderKernels
    ) {
        let prefix = Self.prefix(index)
        let norm = { (name: String) in
            RMSNorm(weights, name: prefix + name, epsilon: configuration.epsilon)
        }
        let linear = { (names: [String], inputs: Int) in
            Linear(
                weights,
                names: names.map { prefix + $0 },
                inputs: inputs,
                kernels: kernels,
                hasBias: false
            )
        }
        shape = configuration.shape
        self.kernels = kernels
        inputNorm = norm("input_layernorm")
        queryKeyValue = linear(
            ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
            configuration.hiddenSize
        )
        queryNorm = norm("self_attn.q_norm")
        keyNorm = norm("self_attn.k_norm")
        attentionOutput = linear(["self_attn.o_proj"], configuration.attention.width)
        innerNorm = norm("post_attention_layernorm")
        expansion = linear(["mlp.gate_proj", "mlp.up_proj"], configuration.hiddenSize)
        contraction = linear(["mlp.down_proj"], configuration.intermediateSize)
    }

    private static func prefix(_ index: Int) -> String { "layers.\(index)." }
}
