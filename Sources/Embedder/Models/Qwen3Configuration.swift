import Kernels

/// The sizes and choices of a Qwen3 decoder: `config.json`, validated.
///
/// As `BERTConfiguration`: what shapes the computation must be in the file, and what is not computed
/// here is refused by name.
struct Qwen3Configuration: Sendable {
    /// Elements of a token's state.
    let hiddenSize: Int
    /// Layers.
    let layerCount: Int
    /// Width of the feed-forward block.
    let intermediateSize: Int
    /// Token ids that have an embedding.
    let vocabularyCount: Int
    /// The longest sequence, in tokens.
    let positionCount: Int
    /// The heads.
    let attention: AttentionShape
    /// Added to the mean square in RMSNorm.
    let epsilon: Float
    /// θ of the rotary positions.
    let rotaryBase: Double

    /// What the layers' memory depends on.
    var shape: EncoderShape {
        EncoderShape(
            hiddenSize: hiddenSize,
            innerSize: intermediateSize,
            isGated: true,
            attention: attention,
            vocabularyCount: vocabularyCount,
            positionCount: positionCount,
            typeCount: 1
        )
    }

    /// The configuration in a model's folder.
    ///
    /// - Throws: `EmbedderError` with code `modelNotFound`, `invalidModel` or `unsupportedModel`.
    init(folder: ModelFolder) throws(EmbedderError) {
        let file = try folder.decode(Qwen3File.self, from: "config.json")
        try file.checkArchitecture()
        hiddenSize = try ConfigurationField.size(file.hiddenSize, "hidden_size", max: 16_384)
        layerCount = try ConfigurationField.size(file.layerCount, "num_hidden_layers", max: 256)
        intermediateSize = try ConfigurationField.size(
            file.intermediateSize,
            "intermediate_size",
            max: 131_072
        )
        vocabularyCount = try ConfigurationField.size(
            file.vocabularyCount,
            "vocab_size",
            max: 4_194_304
        )
        positionCount = try ConfigurationField.size(
            file.positionCount,
            "max_position_embeddings",
            max: 1_048_576
        )
        let heads = try ConfigurationField.size(file.headCount, "num_attention_heads", max: 256)
        let keyHeads = try ConfigurationField.size(
            file.keyHeadCount,
            "num_key_value_heads",
            max: 256
        )
        let headSize = try ConfigurationField.size(file.headSize, "head_dim", max: 1_024)
        guard heads.isMultiple(of: keyHeads) else {
            throw EmbedderError(
                .invalidModel,
                "config.json: \(heads) heads are no multiple of \(keyHeads) key heads"
            )
        }
        guard headSize.isMultiple(of: 2) else {
            throw EmbedderError(
                .invalidModel,
                "config.json: head_dim \(headSize) is odd; its elements are rotated in pairs"
            )
        }
        attention = AttentionShape(
            heads: heads,
            keyHeads: keyHeads,
            headSize: headSize,
            isCausal: true
        )
        epsilon = try ConfigurationField.epsilon(file.epsilon, "rms_norm_eps")
        rotaryBase = try file.rotaryBase()
    }
}

private struct Qwen3File: Decodable {
    let hiddenSize: Int
    let layerCount: Int
    let headCount: Int
    let keyHeadCount: Int
    let headSize: Int
    let intermediateSize: Int
    let vocabularyCount: Int
    let positionCount: Int
    let epsilon: Float
    let activation: String
    let hasAttentionBias: Bool?
    let usesSlidingWindow: Bool?
    /// Older files.
    let rotaryTheta: Double?
    let rotaryScaling: RotaryParameters?
    /// Newer files have both in one place.
    let rotaryParameters: RotaryParameters?

    struct RotaryParameters: Decodable {
        let theta: Double?
        let type: String?

        enum CodingKeys: String, CodingKey {
            case theta = "rope_theta"
            case type = "rope_type"
        }
    }

    enum CodingKeys: String, CodingKey {
        case hiddenSize = "hidden_size"
        case layerCount = "num_hidden_layers"
        case headCount = "num_attention_heads"
        case keyHeadCount = "num_key_value_heads"
        case headSize = "head_dim"
        case intermediateSize = "intermediate_size"
        case vocabularyCount = "vocab_size"
        case positionCount = "max_position_embeddings"
        case epsilon = "rms_norm_eps"
        case activation = "hidden_act"
        case hasAttentionBias = "attention_bias"
        case usesSlidingWindow = "use_sliding_window"
        case rotaryTheta = "rope_theta"
        case rotaryScaling = "rope_scaling"
        case rotaryParameters = "rope_parameters"
    }

    func checkArchitecture() throws(EmbedderError) {
        guard activation == "silu" else {
            throw EmbedderError(
                .unsupportedModel,
                "config.json: hidden_act \"\(activation)\"; supported is silu"
            )
        }
        guard hasAttentionBias != true else {
            throw EmbedderError(.unsupportedModel, "config.json: attention_bias true")
        }
        guard usesSlidingWindow != true else {
            throw EmbedderError(.unsupportedModel, "config.json: use_sliding_window true")
        }
    }

    func rotaryBase() throws(EmbedderError) -> Double {
        for type in [rotaryScaling?.type, rotaryParameters?.type]
        where (type ?? "default") != "default" {
            throw EmbedderError(
                .unsupportedModel,
                "config.json: rope_type \"\(type ?? "")\"; supported is default"
            )
        }
        guard let theta = rotaryParameters?.theta ?? rotaryTheta, theta > 1, theta.isFinite else {
            throw EmbedderError(
                .invalidModel,
                "config.json: rope_theta is missing or not above 1"
            )
        }
        return theta
    }
}
