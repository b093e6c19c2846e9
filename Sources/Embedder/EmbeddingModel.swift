public import Kernels

/// An embedding model: texts in, vectors out.
///
/// Reads a folder in the layout of sentence-transformers with a BERT encoder: `modules.json` and the
/// files that it names, `config.json`, `model.safetensors` and `tokenizer.json`. Weights are copied
/// into memory once and shared by all threads.
///
/// Thread safety: immutable after loading. Any number of threads may encode at the same time, each
/// with a workspace of its own; the vectors do not depend on how many there are, nor (within 1e-5) on
/// which texts share a batch.
public final class EmbeddingModel: Sendable {
    /// The name that requests use.
    public let name: String
    /// How it reads texts.
    public let reading: TextReading
    /// Number of parameters.
    public let parameterCount: Int

    private static let qwen3DimensionMin = 32

    private let network: EmbeddingNetwork

    /// The tokenizer that the model was trained with.
    public var tokenizer: Tokenizer { reading.tokenizer }
    /// Tokens of a text that the model reads, special tokens included.
    public var tokensMax: Int { reading.tokensMax }

    /// What the model is made of.
    public var summary: ModelSummary {
        ModelSummary(
            family: network.architecture,
            encoder: network.encoder,
            output: network.outputNames,
            tokenizer: tokenizer
        )
    }
    /// Elements of a text's vector.
    public var dimension: Int { network.dimension }
    /// The fewest elements that a text's vector may be shortened to: 32 of Qwen3-Embedding, as it was
    /// trained; nothing is known of the others, so that one is allowed.
    public var dimensionMin: Int {
        network.architecture == .qwen3 ? min(Self.qwen3DimensionMin, dimension) : 1
    }
    /// Elements of a token's vector.
    public var tokenDimension: Int { network.shape.hiddenSize }
    /// Bytes of the weights in memory.
    public var byteCount: Int { network.byteCount }
    /// The numbers that it multiplies in.
    public var precision: ComputePrecision { network.precision }

    private init(name: String, reading: TextReading, network: EmbeddingNetwork) {
        self.name = name
        self.reading = reading
        self.network = network
        parameterCount = network.parameterCount
    }

    /// Loads the model in a folder.
    ///
    /// - Parameters:
    ///   - directory: the folder's path.
    ///   - name: the name that requests will use.
    ///   - precision: the numbers to multiply in.
    /// - Returns: the model, ready to encode.
    /// - Throws: `EmbedderError` with code `modelNotFound` when a file is missing, `invalidModel` when
    ///   one is damaged or two contradict each other, `unsupportedModel` when the model asks for
    ///   something that is not computed here.
    public static func load(
        directory: String,
        name: String,
        precision: ComputePrecision = .f32
    ) throws(EmbedderError) -> EmbeddingModel {
        let folder = try ModelFolder(path: directory)
        let modules = try ModuleList(folder: folder)
        let network = try EmbeddingNetwork(
            folder: folder,
            modules: modules,
            precision: precision
        )
        let tokenizer = try Tokenizer(
            directory: folder.subfolder(modules.transformerPath).path
        )
        let reading = TextReading(
            tokenizer: tokenizer,
            prompts: try ModelPrompts(folder: folder),
            tokensMax: network.tokensMax
        )
        return EmbeddingModel(name: name, reading: reading, network: network)
    }

    /// The same model, its weights shared, with a lower limit or other prompts.
    ///
    /// - Parameters:
    ///   - tokensMax: tokens of a text, special ones included; at most this model's. nil keeps it.
    ///   - queryPrompt: what stands before a query; nil keeps it.
    ///   - documentPrompt: what stands before a passage; nil keeps it.
    /// - Returns: a model that loads nothing.
    public func adjusted(
        tokensMax: Int? = nil,
        queryPrompt: String? = nil,
        documentPrompt: String? = nil
    ) -> EmbeddingModel {
        let reading = reading.adjusted(
            tokensMax: tokensMax,
            queryPrompt: queryPrompt,
            documentPrompt: documentPrompt
        )
        return EmbeddingModel(name: name, reading: reading, network: network)
    }

    /// Makes the memory that one inference thread needs.
    public func makeWorkspace() -> EncoderWorkspace { network.makeWorkspace() }

    /// Encodes a batch of texts.
    ///
    /// Texts are packed without padding, so any mix of lengths is efficient; a batch of more than
    /// 4,096 tokens is computed in parts.
    ///
    /// - Parameters:
    ///   - batch: texts as `tokenizer` encodes them, each of at least one token.
    ///   - output: what to return of the token states.
    ///   - workspace: made by this model's `makeWorkspace()`, and used by no other thread meanwhile.
    ///   - pause: called between steps of at most some milliseconds, that the thread may do something
    ///     more urgent; not with this workspace.
    /// - Returns: one result a text, in the order of `batch`.
    /// - Throws: `EmbedderError` with code `invalidInput` when an id or type is not the model's,
    ///   `inputTooLong` when a text has more tokens than the model has positions, `invalidModel` when
    ///   the result is not finite.
    /// - Complexity: linear in the number of tokens, but for attention, O(N²) in each text's length.
    public func encode(
        _ batch: [Encoding],
        output: TokenVectorOutput,
        workspace: EncoderWorkspace,
        pause: () -> Void = {}
    ) throws(EmbedderError) -> [EncodedText] {
        try network.encode(batch, output: output, workspace: workspace, pause: pause)
    }

    /// Makes a batch that several threads compute together, for texts that are too few to give each
    /// thread its own.
    ///
    /// - Parameters:
    ///   - batch: texts as `tokenizer` encodes them, each of at least one token.
    ///   - output: what to return of the token states.
    ///   - partCount: into how many parts to cut it at most: the number of threads that may come.
    /// - Returns: the batch, of which nothing has been computed yet.
    /// - Throws: as `encode`, but for `invalidModel`.
    package func share(
        _ batch: [Encoding],
        output: TokenVectorOutput,
        partCount: Int
    ) throws(EmbedderError) -> SharedEncoding {
        try network.shared(batch, output: output, partCount: partCount)
    }
}

extension EmbeddingModel {
    /// Shortens a vector to its first components, scaled to unit length again.
    ///
    /// Meant for models trained for it: Kusupati et al., "Matryoshka representation learning",
    /// arXiv:2205.13147.
    ///
    /// - Throws: `EmbedderError` with code `invalidInput` unless `dimensions` is 1 to the vector's.
    public static func truncated(
        _ vector: [Float],
        to dimensions: Int
    ) throws(EmbedderError) -> [Float] {
        guard dimensions >= 1, dimensions <= vector.count else {
            throw EmbedderError(
                .invalidInput,
                "\(dimensions) dimensions; the vector has \(vector.count)"
            )
        }
        var shortened = Array(vector.prefix(dimensions))
        VectorMath.normalize(&shortened)
        return shortened
    }
}
