/// Texts to be turned into vectors.
public struct EmbedRequest: Sendable, Hashable {
    /// One text.
    public enum Input: Sendable, Hashable {
        /// Text to be tokenised.
        case text(String)
        /// Ids of the model's own vocabulary, without special tokens, which are added.
        case tokens([Int32])
    }

    /// What the vectors are for: a model may have a prompt for either.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        /// To search with.
        case query
        /// To be found.
        case document
        /// Neither: the model's default prompt, which most models do not have.
        case none
    }

    /// What stands before each text, said outright.
    public enum Prompt: Sendable, Hashable {
        /// These words.
        case text(String)
        /// The model's prompt of this name.
        case name(String)
        /// A task, in Qwen3's form.
        case instruction(String)
    }

    /// The model; `nil` is the default one.
    public var model: String?

    /// The texts, at least one, none empty.
    public var inputs: [Input]

    /// Dimensions to keep of each vector (Matryoshka), 1 to the model's own, of Qwen3 32 at least;
    /// `nil` keeps all.
    public var dimensions: Int?

    /// What the vectors are for.
    public var role: Role

    /// What stands before each text; at most one of these is given, and then `role` is not asked.
    public var prompt: Prompt?

    /// Whether a text past the model's window is cut; otherwise it is an error.
    public var truncate: Bool

    /// Makes a request.
    public init(
        model: String? = nil,
        inputs: [Input],
        dimensions: Int? = nil,
        role: Role = .none,
        prompt: Prompt? = nil,
        truncate: Bool = false
    ) {
        self.model = model
        self.inputs = inputs
        self.dimensions = dimensions
        self.role = role
        self.prompt = prompt
        self.truncate = truncate
    }
}

/// The vectors of a request's texts.
public struct EmbedResponse: Sendable, Hashable {
    /// One vector a text, in the order of the request.
    public var vectors: [[Float]]

    /// Tokens that were embedded, special ones counted.
    public var tokens: Int

    /// The model that embedded them.
    public var model: String
}
