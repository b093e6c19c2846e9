/// What a model wants before a text: `config_sentence_transformers.json`.
struct ModelPrompts {
    /// Before a search query; empty when none.
    let query: String
    /// Before a passage; empty when none.
    let document: String
    /// Before a text of no stated role; empty when none.
    let plain: String

    /// Reads a model's prompts, which it need not have.
    ///
    /// The names are those that sentence-transformers looks for: `query`; then `document`,
    /// `passage` and `corpus`; where they are missing, the default prompt.
    init(folder: ModelFolder) throws(EmbedderError) {
        let name = "config_sentence_transformers.json"
        let file = try folder.decodeIfPresent(PromptFile.self, from: name)
        let prompts = file?.prompts ?? [:]
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
}

private struct PromptFile: Decodable {
    let prompts: [String: String]?
    let defaultName: String?

    enum CodingKeys: String, CodingKey {
        case prompts
        case defaultName = "default_prompt_name"
    }
}
