/// What a model wants before a text: `config_sentence_transformers.json`.
struct ModelPrompts: Sendable {
    /// Before a search query; empty when none.
    private(set) var query: String
    /// Before a passage; empty when none.
    private(set) var document: String
    /// Before a text of no stated role; empty when none.
    let plain: String
    /// By the names of the file.
    private let named: [String: String]

    /// All of them by name, `query` and `document` always among them.
    var byName: [String: String] {
        named.merging(["query": query, "document": document]) { $1 }
    }

    /// Reads a model's prompts, which it need not have.
    ///
    /// The names are those that sentence-transformers looks for: `query`; then `document`,
    /// `passage` and `corpus`; where they are missing, the default prompt.
    init(folder: ModelFolder) throws(EmbedderError) {
        let name = "config_sentence_transformers.json"
        let file = try folder.decodeIfPresent(PromptFile.self, from: name)
        let prompts = file?.prompts ?? [:]
        named = prompts
        if let defaultName = file?.defaultName {
            guard let prompt = prompts[defaultName] else {
                throw EmbedderError(
                    .invalidModel,
                    "\(folder.path(of: name)): default_prompt_name \"\(defaultName)\" is not among "
                        + "the prompts"
                )
            }
            plain = prompt
        } else {
            plain = ""
        }
        query = prompts["query"] ?? plain
        document = prompts["document"] ?? prompts["passage"] ?? prompts["corpus"] ?? plain
    }

    /// The same but for those that are given.
    func replacing(query: String?, document: String?) -> ModelPrompts {
        var prompts = self
        if let query { prompts.query = query }
        if let document { prompts.document = document }
        return prompts
    }
}

private struct PromptFile: Decodable {
    let prompts: [String: String]?
    let defaultName: String?

    enum CodingKeys: String, CodingKey {
        case prompts
        case defaultName = "default_prompt_name"
    }
}
