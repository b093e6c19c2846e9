public import Embedder

/// What the operator says of one model: its names, its folder or its server, and how it is loaded and
/// limited.
///
/// Whatever is nil is left to the model's own files. A model of another server (`remote`) has no folder
/// here; one that embeds has a tokenizer here, since documents are cut by exact counts of its tokens.
public struct ModelEntry: Sendable, Hashable {
    /// When a model is loaded.
    public enum LoadTime: String, Sendable, Hashable, CaseIterable {
        /// Before the daemon is ready; a failure to load is a failure to start.
        case start
        /// By the first request that names it.
        case firstUse = "first_use"
    }

    /// The name that answers give and that collections keep.
    public var id: String

    /// Further names that requests may use.
    public var aliases: [String]

    /// A folder of the models folder, or an absolute path; nil is the folder called as the id.
    public var folder: String?

    /// What it is for, where its files do not say; they must not say otherwise.
    public var kind: ModelInfo.Kind?

    /// The numbers that it multiplies in; nil is the setting for all models.
    public var precision: PrecisionSetting?

    /// Most tokens of one text, special ones counted; at most what the model has.
    public var tokensMax: Int?

    /// When it is loaded.
    public var load: LoadTime

    /// What it wants before a search query.
    public var queryPrompt: String?

    /// What it wants before a passage.
    public var documentPrompt: String?

    /// The task, for models that are told it in the form of `Instruction`; not with `queryPrompt`.
    public var instruction: String?

    /// The server that computes it; nil for weights of a folder.
    public var remote: RemoteEndpoint?

    /// Of a remote model: a folder of the models folder, or an absolute path, with its
    /// `tokenizer.json`.
    public var tokenizer: String?

    /// Of a remote model: elements that its vectors must have; nil takes what the first answer has.
    public var dimensions: Int?

    /// Makes an entry; whatever is not given is left to the model's files.
    public init(
        id: String,
        aliases: [String] = [],
        folder: String? = nil,
        kind: ModelInfo.Kind? = nil,
        precision: PrecisionSetting? = nil,
        tokensMax: Int? = nil,
        load: LoadTime = .firstUse,
        queryPrompt: String? = nil,
        documentPrompt: String? = nil,
        instruction: String? = nil,
        remote: RemoteEndpoint? = nil,
        tokenizer: String? = nil,
        dimensions: Int? = nil
    ) {
        self.id = id
        self.aliases = aliases
        self.folder = folder
        self.kind = kind
        self.precision = precision
        self.tokensMax = tokensMax
        self.load = load
        self.queryPrompt = queryPrompt
        self.documentPrompt = documentPrompt
        self.instruction = instruction
        self.remote = remote
        self.tokenizer = tokenizer
        self.dimensions = dimensions
    }
}

/// A task as Qwen3-Embedding and the models after it are told it, before a query.
enum Instruction {
    /// The prompt: the task, and after a line break the mark that the query follows.
    static func queryPrompt(_ task: String) -> String { "Instruct: \(task)\nQuery:" }
}

extension ModelEntry {
    /// The prompt before a query, when the entry says any.
    var effectiveQueryPrompt: String? {
        queryPrompt ?? instruction.map(Instruction.queryPrompt)
    }

    /// Refuses an entry that makes no sense by itself.
    ///
    /// - Parameter path: the entry's place, such as `model[0]`, for the error's `param`.
    /// - Throws: `invalid` naming the field.
    package func validate(path: String) throws(RagError) {
        try Self.check(name: id, "id", param: "\(path).id")
        for (index, alias) in aliases.enumerated() {
            try Self.check(name: alias, "alias", param: "\(path).aliases[\(index)]")
        }
        if let remote {
            try remote.validate(path: path)
            try validateRemote(path: path)
        } else {
            try validateLocal(path: path)
        }
        if let tokensMax {
            try Limits.check(
                tokensMax,
                in: Self.tokensMaxRange,
                "most tokens of a text",
                param: "\(path).max_tokens"
            )
        }
        for (prompt, name) in [
            (queryPrompt, "query_prompt"), (documentPrompt, "document_prompt"),
            (instruction, "instruction"),
        ] {
            try Limits.check(prompt: prompt, param: "\(path).\(name)")
        }
        guard queryPrompt == nil || instruction == nil else {
            throw RagError(
                .invalid,
                "instruction and query_prompt both say what stands before a query; give one of them",
                param: "\(path).instruction"
            )
        }
    }

    /// Below 16 tokens a chunk has no room for text; no model of today reads a million.
    package static let tokensMaxRange = 16...1_048_576

    /// Elements of a vector; the widest models of today have 8,192.
    package static let dimensionsRange = 1...16_384

    private func validateLocal(path: String) throws(RagError) {
        try Self.check(
            folder: folder ?? id,
            "folder",
            param: folder == nil ? "\(path).id" : "\(path).folder"
        )
        for (isGiven, name) in [(tokenizer != nil, "tokenizer"), (dimensions != nil, "dimensions")]
        where isGiven {
            throw RagError(
                .invalid,
                "\(name) is of a model that another server computes, and this one has no url; leave "
                    + "it out, since the model's own files say it",
                param: "\(path).\(name)"
            )
        }
    }

    private func validateRemote(path: String) throws(RagError) {
        func refuse(_ isGiven: Bool, _ name: String, _ reason: String) throws(RagError) {
            guard isGiven else { return }
            throw RagError(.invalid, "\(reason); leave \(name) out", param: "\(path).\(name)")
        }
        try refuse(folder != nil, "folder", "a model with a url has its weights at its server")
        try refuse(precision != nil, "precision", "the server of a url chooses the precision")
        guard kind != .reranker else {
            let reason = "a reranker's server counts tokens and cuts passages itself"
            try refuse(tokenizer != nil, "tokenizer", reason)
            try refuse(tokensMax != nil, "max_tokens", reason)
            try refuse(dimensions != nil, "dimensions", "a reranker gives scores and no vectors")
            try refuse(
                instruction != nil,
                "instruction",
                "no API of rerankers that servers share has an instruction"
            )
            try refuse(
                queryPrompt != nil || documentPrompt != nil,
                queryPrompt != nil ? "query_prompt" : "document_prompt",
                "prompts are of embedding models"
            )
            return
        }
        guard let tokenizer else {
            throw RagError(
                .invalid,
                "a model with a url needs tokenizer: documents are cut by exact counts of its tokens. "
                    + "Put the tokenizer.json of the model's repository into a folder of the models "
                    + "folder, and name that folder; or set kind to reranker, if it is one",
                param: "\(path).tokenizer"
            )
        }
        try Self.check(folder: tokenizer, "tokenizer", param: "\(path).tokenizer")
        guard tokensMax != nil else {
            throw RagError(
                .invalid,
                "a model with a url needs max_tokens: how long a text its server takes, which its "
                    + "operator has set there (such as --max-model-len or --context-length)",
                param: "\(path).max_tokens"
            )
        }
        guard remote?.api == .openai else {
            throw RagError(
                .invalid,
                "api is 'tei', which is of rerankers; text-embeddings-inference embeds by api 'openai'",
                param: "\(path).api"
            )
        }
        if let dimensions {
            try Limits.check(
                dimensions,
                in: Self.dimensionsRange,
                "dimensions",
                param: "\(path).dimensions"
            )
        }
    }

    private static func check(
        folder: String,
        _ name: String,
        param: String
    ) throws(RagError) {
        let isPlain = !folder.isEmpty && !folder.hasPrefix(".") && !folder.contains("/")
        guard isPlain || folder.hasPrefix("/"), !folder.utf8.contains(0) else {
            throw RagError(
                .invalid,
                "'\(folder)' is neither a folder's name in the models folder nor an absolute path; "
                    + "set \(name) to one of them",
                param: param
            )
        }
    }

    private static func check(name: String, _ what: String, param: String) throws(RagError) {
        let isPlain = name.unicodeScalars.allSatisfy { scalar in
            !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
        }
        guard (1...128).contains(name.utf8.count), isPlain else {
            throw RagError(
                .invalid,
                "'\(name.prefix(100))' cannot be the \(what) of a model: 1 to 128 bytes without "
                    + "white space",
                param: param
            )
        }
    }
}
