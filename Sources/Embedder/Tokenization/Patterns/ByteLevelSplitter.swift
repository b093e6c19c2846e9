/// Splits a text for a byte-level model: by one pattern, or by several, each of which splits the pieces
/// of the one before.
///
/// Thread safety: immutable.
struct ByteLevelSplitter: Sendable {
    /// One `Split`.
    private enum Step: Sendable {
        /// By the pattern of Qwen's files, by hand, which takes a fraction of the time.
        case qwen(QwenWordPattern)
        case pattern(PatternSplit)
    }

    /// What the texts of a thread share, to allocate once.
    struct Workspace {
        fileprivate var pieces: [Range<Int>] = []
        /// Of the text at hand; made when the first pattern needs it.
        fileprivate var search: PatternSearch?
        private let byteCount: Int

        /// Begins with a text of so many bytes.
        init(byteCount: Int) {
            self.byteCount = byteCount
        }

        fileprivate mutating func search(for split: PatternSplit) -> PatternSearch {
            if let search { return search }
            let made = split.makeSearch(byteCount: byteCount)
            search = made
            return made
        }
    }

    private let steps: [Step]

    /// Whether `QwenWordPattern` alone says where words end.
    var isQwen: Bool {
        if case .qwen = steps.first { steps.count == 1 } else { false }
    }

    /// Appends the byte range of each word in `range` of `bytes`.
    ///
    /// - Throws: as `PatternSplit.split`.
    @inline(__always)
    func split(
        _ bytes: Span<UInt8>,
        in range: Range<Int>,
        into words: inout [Range<Int>],
        workspace: inout Workspace
    ) throws(EmbedderError) {
        if steps.count == 1, case .qwen(let pattern) = steps[0] {
            pattern.split(bytes, in: range, into: &words)
            return
        }
        words.append(range)
        for step in steps {
            swap(&words, &workspace.pieces)
            words.removeAll(keepingCapacity: true)
            switch step {
            case .qwen(let pattern):
                for piece in workspace.pieces { pattern.split(bytes, in: piece, into: &words) }
            case .pattern(let split):
                let search = workspace.search(for: split)
                for piece in workspace.pieces {
                    try split.split(bytes, in: piece, into: &words, search: search)
                }
            }
        }
    }
}

// MARK: - Reading

extension ByteLevelSplitter {
    /// Reads pre-tokenizers of which the last is `ByteLevel` and the others are `Split`.
    init(_ nodes: [JSONNode]) throws(EmbedderError) {
        var steps: [Step] = []
        for node in nodes.dropLast() { steps.append(try Self.step(node)) }
        if let last = nodes.last, try Self.usesPattern(last) {
            steps.append(
                .pattern(
                    try Self.naming(last) { () throws(EmbedderError) in
                        try PatternSplit(
                            expression: PatternSplit.gpt2Expression,
                            behavior: .isolated
                        )
                    }
                )
            )
        }
        self.steps = steps
    }

    private static func step(_ node: JSONNode) throws(EmbedderError) -> Step {
        let name = try node.required("behavior").string()
        guard let behavior = SplitBehavior(rawValue: name) else {
            throw .unsupportedStage("Split, \(name)", at: node)
        }
        let inverts = try node.optional("invert")?.bool() ?? false
        let pattern = try node.required("pattern")
        if let literal = try pattern.optional("String")?.string() {
            return .pattern(
                try naming(node) { () throws(EmbedderError) in
                    try PatternSplit(literal: literal, behavior: behavior, inverts: inverts)
                }
            )
        }
        let expression = try pattern.required("Regex").string()
        if expression == QwenWordPattern.expression, behavior == .isolated, !inverts {
            return .qwen(QwenWordPattern())
        }
        return .pattern(
            try naming(node) { () throws(EmbedderError) in
                try PatternSplit(expression: expression, behavior: behavior, inverts: inverts)
            }
        )
    }

    /// Whether `ByteLevel` splits, too.
    private static func usesPattern(_ node: JSONNode) throws(EmbedderError) -> Bool {
        guard try !node.required("add_prefix_space").bool() else {
            throw .unsupportedStage("ByteLevel with add_prefix_space", at: node)
        }
        return try node.optional("use_regex")?.bool() ?? true
    }

    /// Puts the place in the file before the message of an error.
    private static func naming<Value>(
        _ node: JSONNode,
        _ body: () throws(EmbedderError) -> Value
    ) throws(EmbedderError) -> Value {
        do {
            return try body()
        } catch {
            throw EmbedderError(error.code, "\(node.path) \(error.message)", cause: error.cause)
        }
    }
}
