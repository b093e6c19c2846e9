/// The stages that a `tokenizer.json` asks for, read and checked.
///
/// What is not listed here is an error, never a silent approximation: a stage of an unknown kind gives
/// `unsupportedModel`, a damaged one `invalidModel`. Two members are passed over on purpose: `padding`,
/// because batches are packed, and the length in `truncation`, which the caller says.
struct TokenizerFile {
    let normalizer: TextNormalizer
    let splitter: WordSplitter
    let model: TokenModel
    let added: AddedVocabulary
    let postProcessor: PostProcessor
    let decoder: TokenDecoder

    /// Reads the file's bytes.
    init(json: [UInt8]) throws(EmbedderError) {
        let root = try JSONNode(parsing: json, name: "tokenizer.json")
        try Self.checkTruncation(try root.optional("truncation"))
        normalizer = try TextNormalizer(try root.optional("normalizer"))
        let splitterNode = try root.required("pre_tokenizer")
        splitter = try WordSplitter(splitterNode)
        let model = try TokenModel(try root.required("model"))
        try Self.checkTogether(splitter, model, at: splitterNode)
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

    /// Each model is taken with the words that it was made for, and that were compared with the
    /// reference.
    private static func checkTogether(
        _ splitter: WordSplitter,
        _ model: TokenModel,
        at node: JSONNode
    ) throws(EmbedderError) {
        switch (splitter, model) {
        case (.bert, .wordPiece), (.byteLevel, .bytePair), (.metaspace, .unigram): return
        default:
            let type = try node.required("type").string()
            throw .unsupportedStage(type + " before such a model", at: node)
        }
    }

    private static func checkTruncation(_ node: JSONNode?) throws(EmbedderError) {
        guard let node, let direction = try node.optional("direction") else { return }
        let name = try direction.string()
        guard name == "Right" else { throw .unsupportedStage(name, at: direction) }
    }
}
