/// The `pre_tokenizer` of a tokenizer file, whichever of its kinds the file asks for.
///
/// Thread safety: immutable.
enum WordSplitter: Sendable {
    case bert(PreTokenizer)
    /// Words whose bytes the model takes one by one.
    case byteLevel(ByteLevelSplitter)
    case metaspace(MetaspaceSplitter)

    /// The words of a stretch of text.
    struct Words {
        /// The text that `ranges` are of, when the splitter rewrites.
        fileprivate(set) var rewritten = NormalizedText()
        /// The byte range of each word.
        fileprivate(set) var ranges: [Range<Int>] = []
        fileprivate var byteLevel: ByteLevelSplitter.Workspace

        /// Begins with a text of so many bytes.
        init(byteCount: Int) {
            byteLevel = ByteLevelSplitter.Workspace(byteCount: byteCount)
        }
    }

    /// Whether the words are of `Words.rewritten`, not of the text that was split.
    var rewrites: Bool {
        if case .metaspace = self { true } else { false }
    }

    /// Splits `range` of `text`, replacing what `words` held.
    ///
    /// - Throws: as `PatternSplit.split`.
    @inline(__always)
    func split(
        _ text: NormalizedText,
        in range: Range<Int>,
        into words: inout Words
    ) throws(EmbedderError) {
        words.ranges.removeAll(keepingCapacity: true)
        switch self {
        case .bert(let splitter):
            splitter.split(text.bytes.span, in: range, into: &words.ranges)
        case .byteLevel(let splitter):
            try splitter.split(
                text.bytes.span,
                in: range,
                into: &words.ranges,
                workspace: &words.byteLevel
            )
        case .metaspace(let splitter):
            splitter.split(text, in: range, into: &words.rewritten, words: &words.ranges)
        }
    }

    /// Whether a text may be cut before the byte at `position`, which is not the first, without a
    /// change to its words.
    func mayCut(_ bytes: Span<UInt8>, before position: Int) -> Bool {
        let byte = bytes[position]
        switch self {
        case .bert:
            return byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
                || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
        case .byteLevel(let splitter):
            // Of another pattern it is not known.
            guard splitter.isQwen else { return false }
            // A word ends where a letter meets a space, whatever is further away.
            let before = bytes[position - 1] | 0x20
            return byte == UInt8(ascii: " ")
                && (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(before)
        case .metaspace:
            return false
        }
    }
}

// MARK: - Reading

extension WordSplitter {
    /// Reads `pre_tokenizer`.
    init(_ node: JSONNode) throws(EmbedderError) {
        let type = try node.required("type").string()
        switch type {
        case "BertPreTokenizer": self = .bert(PreTokenizer())
        case "Metaspace": self = .metaspace(try MetaspaceSplitter(node))
        case "ByteLevel": self = .byteLevel(try ByteLevelSplitter([node]))
        case "Sequence": self = try Self.sequence(node)
        default: throw .unsupportedStage(type, at: node)
        }
    }

    private static func sequence(_ node: JSONNode) throws(EmbedderError) -> WordSplitter {
        let elements = try node.required("pretokenizers").elements()
        var types: [String] = []
        for element in elements { types.append(try element.required("type").string()) }
        if types == ["WhitespaceSplit", "Metaspace"] {
            return .metaspace(try MetaspaceSplitter(elements[1], dropsWhitespace: true))
        }
        guard types.last == "ByteLevel", types.dropLast().allSatisfy({ $0 == "Split" }) else {
            throw .unsupportedStage(types.joined(separator: " + "), at: node)
        }
        return .byteLevel(try ByteLevelSplitter(elements))
    }
}
