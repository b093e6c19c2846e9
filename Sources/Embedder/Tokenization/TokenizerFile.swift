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
    /// The stages by the names of the file, those that it has.
    let names: [String]

    /// Reads the file's bytes.
    init(json: [UInt8]) throws(EmbedderError) {
        let root = try JSONNode(parsing: json, name: "tokenizer.json")
        try Self.checkTruncation(try root.optional("truncation"))
        normalizer = try TextNormalizer(try root.optional("normalizer"))
        let splitterNode = try root.required("pre_tokenizer")
        splitter = try WordSplitter(splitterNode)
        let modelNode = try root.required("model")
        let model = try TokenModel(modelNode)
        try Self.checkTogether(splitter, model, at: splitterNode)
        let added = try AddedVocabulary(
            try root.optional("added_tokens"),
            vocabulary: model.vocabulary,
            normalizer: normalizer
        )
        try Self.checkHoles(model.vocabulary, added, at: modelNode)
        postProcessor = try PostProcessor(try root.optional("post_processor")) { id in
            added.content(id: id) ?? model.vocabulary.token(id: id)
        }
        decoder = try TokenDecoder(try root.optional("decoder"))
        self.model = model
        self.added = added
        var names: [String] = []
        for member in ["normalizer", "pre_tokenizer", "model", "post_processor"] {
            if let node = try root.optional(member) { names.append(try Self.name(of: node)) }
        }
        self.names = names
    }

    /// The kind of a stage, with those of its parts where it is a sequence.
    private static func name(of node: JSONNode) throws(EmbedderError) -> String {
        guard let type = try node.optional("type")?.string() else { return "WordPiece" }
        for member in ["normalizers", "pretokenizers", "processors"] {
            guard let parts = try node.optional(member)?.elements() else { continue }
            var names: [String] = []
            for part in parts { names.append(try name(of: part)) }
            return names.joined(separator: " + ")
        }
        return type
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

    /// Refuses ids that are no token's: the reference gives added tokens other ids than the file then.
    private static func checkHoles(
        _ vocabulary: Vocabulary,
        _ added: AddedVocabulary,
        at node: JSONNode
    ) throws(EmbedderError) {
        let idCount = max(vocabulary.idCount, added.idCount)
        let holeCount = idCount - vocabulary.count - added.additionalCount
        guard holeCount > 0 else { return }
        let hole = (0..<Int32(idCount)).first {
            vocabulary.token(id: $0) == nil && added.content(id: $0) == nil
        }
        throw node.failure(
            "leaves holes in the vocabulary: \(holeCount) of \(idCount) ids have no token, the first "
                + "is \(hole ?? 0)"
        )
    }

    private static func checkTruncation(_ node: JSONNode?) throws(EmbedderError) {
        guard let node, let direction = try node.optional("direction") else { return }
        let name = try direction.string()
        guard name == "Right" else { throw .unsupportedStage(name, at: direction) }
    }
}
