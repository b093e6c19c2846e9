package import Kernels

/// The sizes and choices of a BERT encoder: `config.json`, validated.
///
/// Every field that shapes the computation must be in the file; transformers writes them all. A
/// value that this implementation does not compute is refused by name, never approximated.
package struct ModelConfiguration: Sendable {
    /// Elements of a token's state.
    package let hiddenSize: Int
    /// Layers.
    package let layerCount: Int
    /// Attention heads; they divide `hiddenSize`.
    package let headCount: Int
    /// Width of the feed-forward block.
    package let intermediateSize: Int
    /// Token ids that have an embedding.
    package let vocabularyCount: Int
    /// Learned positions: the longest sequence, in tokens.
    package let positionCount: Int
    /// Token types that have an embedding.
    package let typeCount: Int
    /// Added to the variance in LayerNorm.
    package let layerNormEpsilon: Float
    /// The feed-forward block's non-linear function.
    package let activation: ActivationFunction

    /// Elements of one head's queries.
    package var headSize: Int { hiddenSize / headCount }

    /// The configuration in a model's folder.
    ///
    /// - Throws: `EmbedderError` with code `modelNotFound`, `invalidModel` or `unsupportedModel`.
    init(folder: ModelFolder) throws(EmbedderError) {
        try self.init(folder.decode(ConfigurationFile.self, from: "config.json"))
    }

    private init(_ file: ConfigurationFile) throws(EmbedderError) {
        try file.checkArchitecture()
        hiddenSize = try Self.size(file.hiddenSize, "hidden_size", max: 16_384)
        layerCount = try Self.size(file.layerCount, "num_hidden_layers", max: 256)
        headCount = try Self.size(file.headCount, "num_attention_heads", max: 256)
        intermediateSize = try Self.size(file.intermediateSize, "intermediate_size", max: 65_536)
        vocabularyCount = try Self.size(file.vocabularyCount, "vocab_size", max: 4_194_304)
        positionCount = try Self.size(file.positionCount, "max_position_embeddings", max: 131_072)
        typeCount = try Self.size(file.typeCount, "type_vocab_size", max: 1_024)
        guard hiddenSize.isMultiple(of: headCount) else {
            throw EmbedderError(
                .invalidModel,
                "config.json: hidden_size \(hiddenSize) is no multiple of \(headCount) heads"
            )
        }
        guard file.layerNormEpsilon > 0, file.layerNormEpsilon <= 1 else {
            throw EmbedderError(
                .invalidModel,
                "config.json: layer_norm_eps is \(file.layerNormEpsilon), expected 0 < eps <= 1"
            )
        }
        layerNormEpsilon = file.layerNormEpsilon
        activation = try Self.activation(named: file.activation)
    }

    /// A size within its cap.
    ///
    /// The caps are a few times the largest published encoders, and keep a damaged file from asking
    /// for absurd memory.
    private static func size(_ value: Int, _ name: String, max: Int) throws(EmbedderError) -> Int {
        guard value >= 1, value <= max else {
            throw EmbedderError(.invalidModel, "config.json: \(name) is \(value), not 1 to \(max)")
        }
        return value
    }

    private static func activation(
        named name: String
    ) throws(EmbedderError) -> ActivationFunction {
        switch name {
        case "gelu": return .gelu
        case "gelu_new", "gelu_pytorch_tanh": return .geluTanh
        case "relu": return .relu
        default:
            throw EmbedderError(
                .unsupportedModel,
                "config.json: hidden_act \"\(name)\"; supported are gelu, gelu_new and relu"
            )
        }
    }
}

private struct ConfigurationFile: Decodable {
    let modelType: String
    let hiddenSize: Int
    let layerCount: Int
    let headCount: Int
    let intermediateSize: Int
    let vocabularyCount: Int
    let positionCount: Int
    let typeCount: Int
    let layerNormEpsilon: Float
    let activation: String
    /// Newer files leave it out: it is always absolute there.
    let positionEmbeddingType: String?
    let isDecoder: Bool?

    enum CodingKeys: String, CodingKey {
        case modelType = "model_type"
        case hiddenSize = "hidden_size"
        case layerCount = "num_hidden_layers"
        case headCount = "num_attention_heads"
        case intermediateSize = "intermediate_size"
        case vocabularyCount = "vocab_size"
        case positionCount = "max_position_embeddings"
        case typeCount = "type_vocab_size"
        case layerNormEpsilon = "layer_norm_eps"
        case activation = "hidden_act"
        case positionEmbeddingType = "position_embedding_type"
        case isDecoder = "is_decoder"
    }

    func checkArchitecture() throws(EmbedderError) {
        guard modelType == "bert" else {
            throw EmbedderError(
                .unsupportedModel,
                "config.json: model_type \"\(modelType)\"; supported is bert"
            )
        }
        guard (positionEmbeddingType ?? "absolute") == "absolute" else {
            throw EmbedderError(
                .unsupportedModel,
                "config.json: position_embedding_type \"\(positionEmbeddingType ?? "")\"; "
                    + "supported is absolute"
            )
        }
        guard isDecoder != true else {
            throw EmbedderError(
                .unsupportedModel,
                "config.json: is_decoder; supported are encoders"
            )
        }
    }
}
