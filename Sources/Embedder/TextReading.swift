/// How a model reads texts: its tokenizer, its prompts, and how much of a text it takes.
///
/// All that is needed of a model to cut documents and to count tokens, and to know without its weights.
public struct TextReading: Sendable {
    /// The tokenizer that the model was trained with.
    public let tokenizer: Tokenizer
    /// Tokens of a text that the model reads, special tokens included.
    public let tokensMax: Int

    private let prompts: ModelPrompts

    /// What the model wants before a search query; empty when nothing.
    public var queryPrompt: String { prompts.query }
    /// What the model wants before a passage; empty when nothing.
    public var documentPrompt: String { prompts.document }
    /// What the model wants before a text of no stated role; empty when nothing.
    public var defaultPrompt: String { prompts.plain }
    /// Every prompt of the model by its name, `query` and `document` always among them.
    public var promptsByName: [String: String] { prompts.byName }

    init(tokenizer: Tokenizer, prompts: ModelPrompts, tokensMax: Int) {
        self.tokenizer = tokenizer
        self.prompts = prompts
        self.tokensMax = tokensMax
    }

    /// Reads a folder with a model's `tokenizer.json` and, where there is one, its
    /// `config_sentence_transformers.json`; it needs neither weights nor `config.json`.
    ///
    /// - Parameters:
    ///   - directory: the folder's path.
    ///   - tokensMax: how much of a text is read, which nothing here can say of whoever computes.
    /// - Returns: the reading.
    /// - Throws: `EmbedderError` as `Tokenizer.init(directory:)`, and `invalidModel` for prompts that
    ///   are malformed.
    public static func load(
        directory: String,
        tokensMax: Int
    ) throws(EmbedderError) -> TextReading {
        let folder = try ModelFolder(path: directory)
        return TextReading(
            tokenizer: try Tokenizer(directory: folder.path),
            prompts: try ModelPrompts(folder: folder),
            tokensMax: tokensMax
        )
    }

    /// The same reading with a lower limit or other prompts.
    ///
    /// - Parameters:
    ///   - tokensMax: tokens of a text, special ones included; at most this reading's. nil keeps it.
    ///   - queryPrompt: what stands before a query; nil keeps it.
    ///   - documentPrompt: what stands before a passage; nil keeps it.
    /// - Returns: a reading with the same tokenizer.
    public func adjusted(
        tokensMax: Int? = nil,
        queryPrompt: String? = nil,
        documentPrompt: String? = nil
    ) -> TextReading {
        let limit = tokensMax ?? self.tokensMax
        precondition((1...self.tokensMax).contains(limit), "\(limit) of \(self.tokensMax) tokens")
        return TextReading(
            tokenizer: tokenizer,
            prompts: prompts.replacing(query: queryPrompt, document: documentPrompt),
            tokensMax: limit
        )
    }
}
