import Kernels

/// BERT: token ids in, one state a token out.
///
/// Devlin et al., arXiv:1810.04805; weight names and arithmetic as in the `BertModel` of Hugging Face
/// transformers (`modeling_bert.py`), without dropout and pooler.
///
/// - Shapes: `T` tokens in a batch (rows back to back, no padding), `N` tokens of one text, `H`
///   elements of a state, `F` of the feed-forward block.
package struct BERTEncoder: Sendable {
    /// The sizes.
    package let configuration: ModelConfiguration

    private let embeddings: BERTEmbeddings
    private let layers: [BERTLayer]

    private let kernels: EncoderKernels

    /// Number of parameters.
    var parameterCount: Int {
        layers.reduce(embeddings.parameterCount) { $0 + $1.parameterCount }
    }

    /// Bytes of the weights in memory.
    var byteCount: Int {
        layers.reduce(embeddings.parameterCount * MemoryLayout<Float>.stride) {
            $0 + $1.byteCount
        }
    }

    /// The precision of its products.
    var precision: ComputePrecision { kernels.precision }

    /// Reads the weights of `configuration` from a file.
    init(
        configuration: ModelConfiguration,
        file: consuming SafetensorsFile,
        precision: ComputePrecision
    ) throws(EmbedderError) {
        let kernels = EncoderKernels(precision)
        guard kernels.attentionPrecision == .f32 || configuration.headSize.isMultiple(of: 2) else {
            throw EmbedderError(
                .unsupportedModel,
                "heads of \(configuration.headSize) elements in \(precision.rawValue), which takes "
                    + "them in pairs; use f32"
            )
        }
        var expectations = BERTEmbeddings.expectations(configuration)
        for index in 0..<configuration.layerCount {
            expectations += BERTLayer.expectations(configuration, index: index)
        }
        // Files of models with a task's head have the encoder under `bert.`.
        let weights = try WeightMap(expectations, in: file, prefixes: ["", "bert."])
        self.configuration = configuration
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

    /// Makes the memory that one thread needs to run a batch alone.
    func makeWorkspace() -> EncoderWorkspace {
        EncoderWorkspace(for: configuration, kernels: kernels)
    }

    /// Makes the memory that one thread needs to take part in shared batches.
    func makeScratch() -> LayerScratch { LayerScratch(configuration, kernels: kernels) }

    /// Makes the memory of a batch that several threads compute.
    func makeStates() -> BatchStates { BatchStates(configuration, kernels: kernels) }

    /// Computes the last hidden states of a batch into the workspace, rows 0..<T.
    ///
    /// - Parameters:
    ///   - batch: texts whose ids, types and lengths the model has.
    ///   - workspace: made by `makeWorkspace()`; overwritten.
    ///   - layerCount: how many layers to run; all when nil. Tests look at the states in between.
    ///   - pause: called between steps of some dozen rows of one layer.
    /// - Complexity: O(T·(H² + H·F) + ΣN²·H) a layer.
    func forward(
        _ batch: PackedBatch,
        workspace: EncoderWorkspace,
        layerCount: Int? = nil,
        pause: () -> Void
    ) {
        workspace.reserve(for: batch)
        let states = workspace.states
        let profile = workspace.profile
        profile.measure(.embeddings) {
            embeddings.forward(batch, rows: 0..<batch.rowCount, states: states, kernels: kernels)
        }
        // Layer by layer over the whole batch, so that a layer's weights are read once a batch; in
        // groups within the layer, so that what it computes stays in the second-level cache.
        let groups = batch.groups(rowsMax: EncoderWorkspace.groupRowsMax)
        for layer in layers.prefix(layerCount ?? layers.count) {
            for group in groups {
                let rows = batch.rows(of: group)
                layer.project(rows, states, origin: rows.lowerBound, profile: profile)
                pause()
                layer.finish(
                    rows,
                    of: batch,
                    states,
                    origin: rows.lowerBound,
                    scratch: workspace.scratch,
                    pause: pause
                )
            }
        }
    }

    /// The stages of a shared batch: each needs all rows of the one before.
    var stageCount: Int { 1 + 2 * layers.count }

    /// Takes some rows of a shared batch through one stage.
    ///
    /// - Parameters:
    ///   - stage: 0 ..< `stageCount`: the embeddings, then each layer's projections and its rest.
    ///   - rows: of the batch; other threads may do others.
    ///   - batch: the texts.
    ///   - states: with room for the whole batch.
    ///   - scratch: this thread's.
    func run(
        stage: Int,
        _ rows: Range<Int>,
        of batch: PackedBatch,
        _ states: BatchStates,
        scratch: LayerScratch
    ) {
        guard stage > 0 else {
            return embeddings.forward(batch, rows: rows, states: states, kernels: kernels)
        }
        let layer = layers[(stage - 1) / 2]
        guard stage.isMultiple(of: 2) else {
            return layer.project(rows, states, origin: 0, profile: scratch.profile)
        }
        scratch.reserve(rows: rows.count, length: batch.longest)
        layer.finish(rows, of: batch, states, origin: 0, scratch: scratch, pause: {})
    }
}
