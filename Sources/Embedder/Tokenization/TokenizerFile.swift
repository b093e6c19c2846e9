/// The stages that a `tokenizer.json` asks for, read and checked.
///
/// What is not listed here is an error, never a silent approximation: a stage of an unknown kind gives
/// `unsupportedModel`, a damaged one `invalidModel`. Two members are passed over on purpose: `padding`,
/// because batches are packed, and the length in `truncation`, which the caller says.
struct TokenizerFile {
    let normalizer: Normalizer
    let preTokenizer: PreTokenizer
    let model: TokenModel
    let added: AddedVocabulary
    let postProcessor: PostProcessor
    let decoder: TokenDecoder

    /// Reads the file's bytes.
    init(json: [UInt8]) throws(EmbedderError) {
        let root = try JSONNode(parsing: json, name: "tokenizer.json")
        try Self.checkTruncation(try root.optional("truncation"))
        normalizer = try Normalizer(try root.optional("normalizer"))
        preTokenizer = try PreTokenizer(try root.required("pre_tokenizer"))
        let model = try TokenModel(try root.required("model"))
        let added = try AddedVocabulary(
            try root.optional("added_tokens"),
            vocabulary: model.vocabulary,
            normalizer: normalizer
        )
        postProcessor = try PostProcessor(try root.optional("post_processor")) { id in
            added.content(id: id) ?? model.vocabulary.token(id: id)
        }
        decoder = try TokenDecoder(try root.optional("decoder"))
        self.model = model
        self.added = added
    }

    private static func checkTruncation(_ node: JSONNode?) throws(EmbedderError) {
        guard let node, let direction = try node.optional("direction") else { return }
        let name = try direction.string()
        guard name == "Right" else { throw .unsupportedStage(name, at: direction) }
    }
}

extension Normalizer {
    /// Reads `normalizer`; without one the text stays as it is.
    init(_ node: JSONNode?) throws(EmbedderError) {
        guard let node else {
            self.init(
                cleansText: false,
                isolatesIdeographs: false,
                stripsAccents: false,
                lowercases: false
            )
            return
        }
        let type = try node.required("type").string()
        guard type == "BertNormalizer" else { throw .unsupportedStage(type, at: node) }
        let lowercases = try node.required("lowercase").bool()
        self.init(
            cleansText: try node.required("clean_text").bool(),
            isolatesIdeographs: try node.required("handle_chinese_chars").bool(),
            stripsAccents: try node.optional("strip_accents")?.bool() ?? lowercases,
            lowercases: lowercases
        )
    }
}

extension PreTokenizer {
    /// Reads `pre_tokenizer`.
    init(_ node: JSONNode) throws(EmbedderError) {
        let type = try node.required("type").string()
        guard type == "BertPreTokenizer" else { throw .unsupportedStage(type, at: node) }
        self.init()
    }
}
