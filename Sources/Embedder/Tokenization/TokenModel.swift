/// A token found in a word: its id, and the bytes of the normalised text that it stands for.
struct TokenPiece {
    let id: Int32
    let range: Range<Int>
}

/// The step that turns a word into tokens, whichever of its kinds the file asks for.
///
/// Each kind is one case here and one file; nothing else in the pipeline tells them apart.
enum TokenModel: Sendable {
    case wordPiece(WordPieceModel)
    case bytePair(BytePairModel)
    case unigram(UnigramModel)

    /// The memory that words share, so that none of them allocates.
    struct Workspace {
        fileprivate var bytePair = BytePairModel.Workspace()
        fileprivate var unigram = UnigramModel.Workspace()
    }

    /// Reads the `model` of a tokenizer file.
    init(_ node: JSONNode) throws(EmbedderError) {
        // Files written before 2021 name no type; only WordPiece limits the length of a word.
        let isUntyped = try node.optional("type") == nil
        if isUntyped, try node.optional("max_input_chars_per_word") != nil {
            self = .wordPiece(try WordPieceModel(node))
            return
        }
        let type = try node.required("type").string()
        switch type {
        case "WordPiece": self = .wordPiece(try WordPieceModel(node))
        case "BPE": self = .bytePair(try BytePairModel(node))
        case "Unigram": self = .unigram(try UnigramModel(node))
        default: throw .unsupportedStage(type, at: node)
        }
    }

    /// The model's tokens.
    var vocabulary: Vocabulary {
        switch self {
        case .wordPiece(let model): model.vocabulary
        case .bytePair(let model): model.vocabulary
        case .unigram(let model): model.vocabulary
        }
    }

    /// Appends the tokens of `word`, a range of `bytes`.
    @inline(__always)
    func tokenize(
        _ bytes: Span<UInt8>,
        word: Range<Int>,
        into pieces: inout [TokenPiece],
        workspace: inout Workspace
    ) {
        switch self {
        case .wordPiece(let model):
            model.tokenize(bytes, word: word, into: &pieces)
        case .bytePair(let model):
            model.tokenize(bytes, word: word, into: &pieces, workspace: &workspace.bytePair)
        case .unigram(let model):
            model.tokenize(bytes, word: word, into: &pieces, workspace: &workspace.unigram)
        }
    }
}

extension EmbedderError {
    /// The error for a stage, at `node`, that the file asks for and this tokenizer does not have.
    static func unsupportedStage(_ type: String, at node: JSONNode) -> EmbedderError {
        EmbedderError(.unsupportedModel, "\(node.path) \(type.debugDescription) is not supported")
    }
}
