import Kernels

/// What a model is made of, as its files say, for people to read.
public struct ModelSummary: Sendable, Hashable {
    /// `model_type` of its configuration.
    public let family: String
    /// Layers of the transformer.
    public let layerCount: Int
    /// Elements of a token's state.
    public let hiddenSize: Int
    /// Elements between the two products of a feed-forward block.
    public let innerSize: Int
    /// Query heads.
    public let headCount: Int
    /// Key and value heads.
    public let keyHeadCount: Int
    /// Elements of a head.
    public let headSize: Int
    /// Token ids that have an embedding.
    public let vocabularyCount: Int
    /// What makes the result of the tokens' states, step by step.
    public let output: [String]
    /// The stages of the tokenizer with the kinds that its file names, in the order in which a text passes
    /// them.
    public let tokenizerStages: [String]

    init(
        family: ModelArchitecture,
        encoder: any TransformerEncoder,
        output: [String],
        tokenizer: Tokenizer
    ) {
        let shape = encoder.shape
        self.family = family.rawValue
        layerCount = encoder.layerCount
        hiddenSize = shape.hiddenSize
        innerSize = shape.innerSize
        headCount = shape.attention.heads
        keyHeadCount = shape.attention.keyHeads
        headSize = shape.attention.headSize
        vocabularyCount = shape.vocabularyCount
        self.output = output
        tokenizerStages = tokenizer.stageNames
    }
}

extension ModelSummary: CustomStringConvertible {
    /// The sizes in one line.
    public var description: String {
        "\(family), \(layerCount) layers of \(hiddenSize) and \(innerSize), \(headCount) heads on "
            + "\(keyHeadCount) of \(headSize), vocabulary \(vocabularyCount)"
    }
}
