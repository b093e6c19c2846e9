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

    /// Number of parameters.
    var parameterCount: Int {
        layers.reduce(embeddings.parameterCount) { $0 + $1.parameterCount }
    }

    /// Reads the weights of `configuration` from a file.
    init(
        configuration: ModelConfiguration,
        file: consuming SafetensorsFile
    ) throws(EmbedderError) {
        var expectations = BERTEmbeddings.expectations(configuration)
        for index in 0..<configuration.layerCount {
            expectations += BERTLayer.expectations(configuration, index: index)
        }
        // Files of models with a task's head have the encoder under `bert.`.
        let weights = try WeightMap(expectations, in: file, prefixes: ["", "bert."])
        self.configuration = configuration
        embeddings = BERTEmbeddings(configuration, weights: weights)
        var layers: [BERTLayer] = []
        for index in 0..<configuration.layerCount {
            layers.append(BERTLayer(configuration, index: index, weights: weights))
        }
        self.layers = layers
    }

    /// Computes the last hidden states of a batch into `workspace.hidden`, rows 0..<T.
    ///
    /// - Parameters:
    ///   - batch: texts whose ids, types and lengths the model has.
    ///   - workspace: made for this encoder; overwritten.
    ///   - layerCount: how many layers to run; all when nil. Tests look at the states in between.
    /// - Complexity: O(T·(H² + H·F) + ΣN²·H) a layer.
    func forward(_ batch: PackedBatch, workspace: EncoderWorkspace, layerCount: Int? = nil) {
        workspace.reserve(for: batch)
        embeddings.forward(batch, workspace: workspace)
        // Layer by layer over the whole batch, so that a layer's weights are read once a batch; in
        // groups within the layer, so that what it computes stays in the second-level cache.
        let groups = batch.groups(rowsMax: EncoderWorkspace.attentionRowsMax)
        for layer in layers.prefix(layerCount ?? layers.count) {
            for group in groups {
                layer.forward(batch, group: group, workspace: workspace)
            }
        }
    }
}
