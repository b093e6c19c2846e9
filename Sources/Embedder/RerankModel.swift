public import Kernels

/// A reranker: a query and a passage in, how well the passage answers the query out.
///
/// Reads a folder with a cross-encoder of the BERT, RoBERTa or XLM-RoBERTa family (one label), or with
/// Qwen3-Reranker: `config.json`, the weights and `tokenizer.json`.
///
/// Thread safety: as `EmbeddingModel`. What the passages of a query begin with is computed once and
/// kept for those that follow, by whichever thread; the scores do not depend on it.
public final class RerankModel: Sendable {
    /// What Qwen3-Reranker is told of its task where a request does not say: its README's default.
    public static let defaultInstruction =
        "Given a web search query, retrieve relevant passages that answer the query"

    /// The name that requests use.
    public let name: String
    /// The tokenizer that the model was trained with.
    public let tokenizer: Tokenizer
    /// Whether a request may say what the model's task is.
    public let takesInstruction: Bool

    /// Tokens that the model reads of query and passage together, special ones included.
    public let tokensMax: Int
    /// What the model is told of its task where a request does not say.
    public let instruction: String

    private let network: RerankNetwork

    /// What the model is made of.
    public var summary: ModelSummary {
        ModelSummary(
            family: network.architecture,
            encoder: network.encoder,
            output: network.outputNames,
            tokenizer: tokenizer
        )
    }
    /// Number of parameters.
    public var parameterCount: Int { network.parameterCount }
    /// Bytes of the weights in memory.
    public var byteCount: Int { network.byteCount }
    /// Bytes of the keys and values that are kept of recent queries, bounded.
    public var prefixByteCount: Int { network.prefixByteCount }
    /// The numbers that it multiplies in.
    public var precision: ComputePrecision { network.precision }

    private init(
        name: String,
        tokenizer: Tokenizer,
        takesInstruction: Bool,
        network: RerankNetwork,
        tokensMax: Int,
        instruction: String
    ) {
        self.name = name
        self.tokenizer = tokenizer
        self.takesInstruction = takesInstruction
        self.network = network
        self.tokensMax = tokensMax
        self.instruction = instruction
    }

    /// Loads the model in a folder.
    ///
    /// - Parameters:
    ///   - directory: the folder's path.
    ///   - name: the name that requests will use.
    ///   - precision: the numbers to multiply in.
    /// - Returns: the model, ready to score.
    /// - Throws: `EmbedderError` with code `modelNotFound` when a file is missing, `invalidModel` when
    ///   one is damaged or two contradict each other, `unsupportedModel` when the model asks for
    ///   something that is not computed here, such as more than one label.
    public static func load(
        directory: String,
        name: String,
        precision: ComputePrecision = .f32
    ) throws(EmbedderError) -> RerankModel {
        let folder = try ModelFolder(path: directory)
        let tokenizer = try Tokenizer(directory: folder.path)
        var answers: AnswerHead.Tokens?
        if let yes = tokenizer.id(token: "yes"), let no = tokenizer.id(token: "no") {
            answers = AnswerHead.Tokens(yes: yes, no: no)
        }
        let network = try RerankNetwork(folder: folder, answers: answers, precision: precision)
        return RerankModel(
            name: name,
            tokenizer: tokenizer,
            takesInstruction: try ModelArchitecture(folder: folder) == .qwen3,
            network: network,
            tokensMax: network.tokensMax,
            instruction: defaultInstruction
        )
    }

    /// The same model, its weights shared, with a lower limit or another instruction.
    ///
    /// - Parameters:
    ///   - tokensMax: tokens of query and passage, special ones included; at most this model's.
    ///   - instruction: what the model is told of its task; nil keeps it.
    /// - Returns: a model that loads nothing.
    public func adjusted(tokensMax: Int, instruction: String? = nil) -> RerankModel {
        precondition(
            (1...self.tokensMax).contains(tokensMax),
            "\(tokensMax) of \(self.tokensMax) tokens"
        )
        return RerankModel(
            name: name,
            tokenizer: tokenizer,
            takesInstruction: takesInstruction,
            network: network,
            tokensMax: tokensMax,
            instruction: instruction ?? self.instruction
        )
    }

    /// Loads the model in a folder, in a precision that is chosen here when the setting is `auto`.
    ///
    /// For `auto` that is bf16 for Qwen3, whose files hold no more, and for the others where the CPU
    /// multiplies in it. Never int8: that is for whoever asks for it.
    ///
    /// - Throws: as `load(directory:name:precision:)`.
    public static func load(
        directory: String,
        name: String,
        setting: PrecisionSetting
    ) throws(EmbedderError) -> RerankModel {
        switch setting {
        case .fixed(let precision):
            return try load(directory: directory, name: name, precision: precision)
        case .auto:
            let architecture = try ModelArchitecture(folder: ModelFolder(path: directory))
            guard architecture == .qwen3 || ComputePrecision.bf16.isNative else {
                return try load(directory: directory, name: name, precision: .f32)
            }
            return try PrecisionSetting.bf16OrF32 { precision throws(EmbedderError) in
                try load(directory: directory, name: name, precision: precision)
            }
        }
    }

    /// A query as the model reads it before each passage.
    ///
    /// - Parameters:
    ///   - text: the query.
    ///   - instruction: what the model is told of its task; nil for its own `instruction`, and for a
    ///     model that `takesInstruction` says takes none.
    /// - Returns: what makes the model's input of a passage.
    /// - Throws: `EmbedderError` with code `inputTooLong` when no passage has room behind the query,
    ///   `invalidInput` when the model takes no instruction, and as `Tokenizer.encode`.
    public func query(
        _ text: String,
        instruction: String? = nil
    ) throws(EmbedderError) -> RerankQuery {
        guard takesInstruction || instruction == nil else {
            throw EmbedderError(.invalidInput, "'\(name)' takes no instruction")
        }
        let query =
            takesInstruction
            ? try RerankQuery(
                prompt: text,
                instruction: instruction ?? self.instruction,
                tokenizer: tokenizer
            ) : try RerankQuery(pair: text, tokenizer: tokenizer)
        guard query.tokenCount < tokensMax else {
            throw EmbedderError(
                .inputTooLong,
                "the query takes \(query.tokenCount) tokens with what is around it, and '\(name)' reads "
                    + "\(tokensMax) with the passage"
            )
        }
        return query
    }

    /// Makes the memory that one inference thread needs.
    public func makeWorkspace() -> EncoderWorkspace { network.makeWorkspace() }

    /// Scores a batch of queries with passages.
    ///
    /// Texts are packed without padding. A decoder computes what several of them begin with, as their
    /// `sharedCount` says, once.
    ///
    /// - Parameters:
    ///   - batch: as `RerankQuery.encode` makes them, each of at least one token.
    ///   - workspace: made by this model's `makeWorkspace()`, and used by no other thread meanwhile.
    ///   - pause: as in `EmbeddingModel.encode`.
    /// - Returns: one result a text, in order, whose vector is the score alone: 0 to 1, or any number
    ///   where the model's files ask for no sigmoid. Larger is better.
    /// - Throws: as `EmbeddingModel.encode`.
    /// - Complexity: linear in the number of tokens, but for attention, O(N²) in each text's length.
    public func encode(
        _ batch: [Encoding],
        workspace: EncoderWorkspace,
        pause: () -> Void = {}
    ) throws(EmbedderError) -> [EncodedText] {
        try network.encode(batch, workspace: workspace, pause: pause)
    }

    /// Makes a batch that several threads compute together; see `EmbeddingModel.share`.
    package func share(
        _ batch: [Encoding],
        partCount: Int
    ) throws(EmbedderError) -> SharedEncoding {
        try network.shared(batch, partCount: partCount)
    }
}
