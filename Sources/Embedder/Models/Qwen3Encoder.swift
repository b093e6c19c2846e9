import Foundation
import Kernels

/// Qwen3 as an embedder: a decoder whose last token's state, behind the final norm, is the text's.
///
/// Weight names and arithmetic as in the `Qwen3Model` of Hugging Face transformers
/// (`modeling_qwen3.py`): RMSNorm before each block, a norm over each query's and key's head, rotary
/// positions, grouped-query causal attention, SwiGLU.
struct Qwen3Encoder: TransformerEncoder {
    let shape: EncoderShape
    let kernels: EncoderKernels

    private let tokens: EmbeddingTable
    private let layers: [Qwen3Layer]
    private let norm: RMSNorm
    /// For each position: the cosines of its angles, then the sines; D elements.
    private let angles: [Float]

    var layerCount: Int { layers.count }

    var parameterCount: Int {
        layers.reduce(tokens.parameterCount + norm.scale.count) { $0 + $1.parameterCount }
    }

    var byteCount: Int {
        let floats = norm.scale.count + angles.count
        return layers.reduce(tokens.byteCount + floats * MemoryLayout<Float>.stride) {
            $0 + $1.byteCount
        }
    }

    /// Reads the weights of `configuration` from files.
    ///
    /// A tied or separate output head is not read: nothing here predicts tokens.
    init(
        configuration: Qwen3Configuration,
        files: [SafetensorsFile],
        precision: ComputePrecision
    ) throws(EmbedderError) {
        let shape = configuration.shape
        // Single elements of these models' states are hundreds of times as large as the others.
        let kernels = EncoderKernels(precision, hasBlocks: true)
        var expectations = [
            WeightMap.Expectation(
                name: "embed_tokens.weight",
                shape: [configuration.vocabularyCount, configuration.hiddenSize]
            ),
            WeightMap.Expectation(name: "norm.weight", shape: [configuration.hiddenSize]),
        ]
        for index in 0..<configuration.layerCount {
            expectations += Qwen3Layer.expectations(configuration, index: index)
        }
        // Files of causal language models have the decoder under `model.`.
        let weights = try WeightMap(expectations, in: files, prefixes: ["", "model."])
        self.shape = shape
        self.kernels = kernels
        tokens = EmbeddingTable(
            weights,
            name: "embed_tokens.weight",
            width: configuration.hiddenSize
        )
        norm = RMSNorm(weights, name: "norm", epsilon: configuration.epsilon)
        var layers: [Qwen3Layer] = []
        for index in 0..<configuration.layerCount {
            layers.append(
                Qwen3Layer(configuration, index: index, weights: weights, kernels: kernels)
            )
        }
        self.layers = layers
        angles = Self.angles(configuration)
    }

    /// cos and sin of position · θ^(-2i/D), for i below D/2.
    private static func angles(_ configuration: Qwen3Configuration) -> [Float] {
        let half = configuration.attention.headSize / 2
        let frequencies = (0..<half).map {
            pow(configuration.rotaryBase, -Double($0) / Double(half))
        }
        var angles = [Float](repeating: 0, count: configuration.positionCount * 2 * half)
        for position in 0..<configuration.positionCount {
            for index in 0..<half {
                let angle = Double(position) * frequencies[index]
                angles[2 * half * position + index] = Float(cos(angle))
                angles[2 * half * position + half + index] = Float(sin(angle))
            }
        }
        return angles
    }

    func embed(_ rows: Range<Int>, of batch: PackedBatch, _ states: BatchStates) {
        for index in batch.texts(in: rows) {
            let text = batch.rows(of: index)
            let encoding = batch.encoding(index)
            for row in text.clamped(to: rows) {
                states.hidden.withMutableRows(row..<row + 1) { state in
                    tokens.copy(encoding.ids[row - text.lowerBound], to: &state)
                }
            }
        }
    }

    func project(
        layer: Int,
        _ rows: Range<Int>,
        of batch: PackedBatch,
        _ states: BatchStates,
        origin: Int,
        scratch: LayerScratch
    ) {
        layers[layer].project(
            rows,
            of: batch,
            states,
            origin: origin,
            scratch: scratch,
            angles: angles
        )
    }

    func finish(
        layer: Int,
        _ rows: Range<Int>,
        of batch: PackedBatch,
        _ states: BatchStates,
        origin: Int,
        scratch: LayerScratch,
        pause: () -> Void
    ) {
        attend(
            layer: layer,
            rows,
            of: batch,
            states,
            origin: origin,
            scratch: scratch,
            pause: pause
        )
        for tile in scratch.tiles(of: rows.count) {
            layers[layer].finish(tile, of: rows, states, scratch)
            pause()
        }
    }

    func complete(_ rows: Range<Int>, _ states: BatchStates) {
        norm.apply(to: states.hidden, rows)
    }
}
