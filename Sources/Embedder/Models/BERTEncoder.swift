import Kernels

/// BERT and RoBERTa: token ids in, one state a token out.
///
/// Devlin et al., arXiv:1810.04805; weight names and arithmetic as in the `BertModel` of Hugging Face
/// transformers (`modeling_bert.py`), without dropout and pooler. RoBERTa and XLM-RoBERTa are the same
/// but for the positions, which start behind the padding's.
///
/// - Shapes: `T` tokens in a batch (rows back to back, no padding), `N` tokens of one text, `H`
///   elements of a state, `F` of the feed-forward block.
struct BERTEncoder: TransformerEncoder {
    let shape: EncoderShape
    let kernels: EncoderKernels

    private let embeddings: BERTEmbeddings
    private let layers: [BERTLayer]

    var layerCount: Int { layers.count }

    var parameterCount: Int {
        layers.reduce(embeddings.parameterCount) { $0 + $1.parameterCount }
    }

    var byteCount: Int {
        layers.reduce(embeddings.parameterCount * MemoryLayout<Float>.stride) {
            $0 + $1.byteCount
        }
    }

    /// Reads the weights of `configuration` from a file.
    init(
        configuration: BERTConfiguration,
        files: [SafetensorsFile],
        precision: ComputePrecision
    ) throws(EmbedderError) {
        let shape = configuration.shape
        let kernels = EncoderKernels(precision)
        try shape.checkHeads(kernels)
        var expectations = BERTEmbeddings.expectations(configuration)
        for index in 0..<configuration.layerCount {
            expectations += BERTLayer.expectations(configuration, index: index)
        }
        // Files of models with a task's head have the encoder under its name.
        let weights = try WeightMap(expectations, in: files, prefixes: ["", "bert.", "roberta."])
        self.shape = shape
        self.kernels = kernels
        embeddings = BERTEmbeddings(configuration, weights: weights)
        var layers: [BERTLayer] = []
        for index in 0..<configuration.layerCount {
            layers.append(
                BERTLayer(configuration, index: index, weights: weights, kernels: kernels)
            )
        }
        self.layers = layers
    }

    func embed(_ rows: Range<Int>, of batch: PackedBatch, _ states: BatchStates) {
        embeddings.forward(batch, rows: rows, states: states, kernels: kernels)
    }

    func project(
        layer: Int,
        _ rows: Range<Int>,
        of batch: PackedBatch,
        _ states: BatchStates,
        origin: Int,
        scratch: LayerScratch
    ) {
        layers[layer].project(rows, states, origin: origin, profile: scratch.profile)
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

    /// The last LayerNorm is the last layer's.
    func complete(_ rows: Range<Int>, _ states: BatchStates) {}
}
