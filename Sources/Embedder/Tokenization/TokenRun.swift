/// The tokens of one text, before special tokens are put around them.
struct TokenRun {
    private(set) var ids: [Int32]
    private(set) var offsets: [Range<Int>]

    /// The number of tokens.
    var count: Int { ids.count }

    init(ids: [Int32], offsets: [Range<Int>]) {
        self.ids = ids
        self.offsets = offsets
    }

    /// Keeps the first `limit` tokens, and says how many were cut.
    mutating func truncate(to limit: Int) -> Int {
        let excess = max(0, count - limit)
        ids.removeLast(excess)
        offsets.removeLast(excess)
        return excess
    }
}

// MARK: - Tokenizing

extension TokenRun {
    /// Long texts are worked on in stretches of about this many bytes, cut at white space, so that
    /// what is in the making stays in the processor's caches.
    private static let stretchSize = 16 << 10

    /// The buffers that a text's stretches share.
    private struct Workspace {
        var words: WordSplitter.Words
        var pieces: [TokenPiece] = []
        var model = TokenModel.Workspace()

        init(byteCount: Int) {
            words = WordSplitter.Words(byteCount: byteCount)
        }
    }

    /// Takes `text` through all stages up to the model.
    ///
    /// - Throws: as `PatternSplit.split`.
    init(_ text: String, stages: TokenizerFile) throws(EmbedderError) {
        self.init(ids: [], offsets: [])
        let utf8 = text.utf8
        let bytes = utf8.span
        var normalized = NormalizedText()
        var workspace = Workspace(byteCount: bytes.count)
        for piece in stages.added.verbatim.pieces(of: bytes, in: 0..<bytes.count) {
            if let id = piece.id {
                append(id, piece.range)
                continue
            }
            var start = piece.range.lowerBound
            while start < piece.range.upperBound {
                let stretch = Self.stretch(
                    of: bytes,
                    in: start..<piece.range.upperBound,
                    stages: stages
                )
                stages.normalizer.normalize(bytes, in: stretch, into: &normalized)
                try append(normalized, stages: stages, workspace: &workspace)
                start = stretch.upperBound
            }
        }
    }

    /// The part of `range` to work on next.
    ///
    /// Cutting there changes nothing, because no stage up to the words looks across it. An added token
    /// might, in the normalised text.
    private static func stretch(
        of bytes: Span<UInt8>,
        in range: Range<Int>,
        stages: TokenizerFile
    ) -> Range<Int> {
        guard range.count > stretchSize, stages.added.normalized.isEmpty,
            stages.normalizer.isLocal
        else { return range }
        for end in range.lowerBound + stretchSize..<range.upperBound
        where stages.splitter.mayCut(bytes, before: end) {
            return range.lowerBound..<end
        }
        return range
    }

    private mutating func append(
        _ text: NormalizedText,
        stages: TokenizerFile,
        workspace: inout Workspace
    ) throws(EmbedderError) {
        let bytes = text.bytes.span
        for piece in stages.added.normalized.pieces(of: bytes, in: 0..<bytes.count) {
            if let id = piece.id {
                append(id, text.originalRange(of: piece.range))
                continue
            }
            try stages.splitter.split(text, in: piece.range, into: &workspace.words)
            if stages.splitter.rewrites {
                let rewritten = workspace.words.rewritten
                appendWords(of: rewritten, stages: stages, workspace: &workspace)
            } else {
                appendWords(of: text, stages: stages, workspace: &workspace)
            }
        }
    }

    private mutating func appendWords(
        of text: NormalizedText,
        stages: TokenizerFile,
        workspace: inout Workspace
    ) {
        let bytes = text.bytes.span
        workspace.pieces.removeAll(keepingCapacity: true)
        for word in workspace.words.ranges {
            stages.model.tokenize(
                bytes,
                word: word,
                into: &workspace.pieces,
                workspace: &workspace.model
            )
        }
        for token in workspace.pieces {
            append(token.id, text.originalRange(of: token.range))
        }
    }

    private mutating func append(_ id: Int32, _ range: Range<Int>) {
        ids.append(id)
        offsets.append(range)
    }
}
