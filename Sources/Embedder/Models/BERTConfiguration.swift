import Kernels

/// The sizes and choices of a BERT or RoBERTa encoder: `config.json`, validated.
///
/// Every field that shapes the computation must be in the file; transformers writes them all. A
/// value that this implementation does not compute is refused by name, never approximated.
struct BERTConfiguration: Sendable {
    /// Elements of a token's state.
    let hiddenSize: Int
    /// Layers.
    let layerCount: Int
    /// Attention heads; they divide `hiddenSize`.
    let headCount: Int
    /// Width of the feed-forward block.
    let intermediateSize: Int
    /// Token ids that have an embedding.
    let vocabularyCount: Int
    /// Learned positions, those included that no token has.
    let positionTableCount: Int
    /// The position of a text's first token.
    ///
    /// RoBERTa counts on from its padding id, the positions before which are for padding.
    let firstPosition: Int
    /// Token types that have an embedding.
    let typeCount: Int
    /// Added to the variance in LayerNorm.
    let layerNormEpsilon: Float
    /// The feed-forward block's non-linear function.
    let activation: ActivationFunction

    /// The longest sequence, in tokens.
    var positionCount: Int { positionTableCount - firstPosition }

    /// Elements of one head's queries.
    var headSize: Int { hiddenSize / headCount }

    /// What the layers' memory depends on.
    var shape: EncoderShape {
        EncoderShape(
            hiddenSize: hiddenSize,
            innerSize: intermediateSize,
            isGated: false,
            attention: AttentionShape(
                heads: headCount,
                keyHeads: headCount,
                headSize: headSize,
                isCausal: false
            ),
            vocabularyCount: vocabularyCount,
            positionCount: positionCount,
            typeCount: typeCount
        )
    }

    /// The configuration in a model's folder.
    ///
    /// - Throws: `EmbedderError` with code `modelNotFound`, `invalidModel` or `unsupportedModel`.
    init(folder: ModelFolder, architecture: ModelArchitecture) throws(EmbedderError) {
        try self.init(
            folder.decode(ConfigurationFile.self, from: "config.json"),
            countsFromPadding: architecture != .bert
        )
    }

    private init(_ file: ConfigurationFile, countsFromPadding: Bool) throws(EmbedderError) {
        try file.checkArchitecture()
        hiddenSize = try ConfigurationField.size(file.hiddenSize, "hidden_size", max: 16_384)
        layerCount = try ConfigurationField.size(file.layerCount, "num_hidden_layers", max: 256)
        headCount = try ConfigurationField.size(file.headCount, "num_attention_heads", max: 256)
        intermediateSize = try ConfigurationField.size(
            file.intermediateSize,
            "intermediate_size",
            max: 65_536
        )
        vocabularyCount = try ConfigurationField.size(
            file.vocabularyCount,
            "vocab_size",
            max: 4_194_304
        )
        positionTableCount = try ConfigurationField.size(
            file.positionCount,
            "max_position_embeddings",
            max: 131_072
        )
        if countsFromPadding {
            guard let padding = file.paddingID, padding >= 0, padding < positionTableCount - 1
            else {
                throw EmbedderError(
                    .invalidModel,
                    "config.json: pad_token_id is \(file.paddingID.map(String.init) ?? "missing"), "
                        + "not 0 to \(positionTableCount - 2), the positions after which are texts'"
                )
            }
            firstPosition = padding + 1
        } else {
            firstPosition = 0
        }
        typeCount = try ConfigurationField.size(file.typeCount, "type_vocab_size", max: 1_024)
        guard hiddenSize.isMultiple(of: headCount) else {
            throw EmbedderError(
                .invalidModel,
                "config.json: hidden_size \(hiddenSize) is no multiple of \(headCount) heads"
            )
        }
        layerNormEpsilon = try ConfigurationField.epsilon(file.layerNormEpsilon, "layer_norm_eps")
        activation = try Self.activation(named: file.activation)
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
    let paddingID: Int?

    enum CodingKeys: String, CodingKey {
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
        case paddingID = "pad_token_id"
    }

    func checkArchitecture() throws(EmbedderError) {
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
