/// Unigram: of all ways to write a word as tokens, the one whose scores have the largest sum.
///
/// Kudo, "Subword regularization", 2018; found by the Viterbi algorithm from left to right over a trie
/// of all tokens. A character that is no token is unknown, at a price below that of any token, and
/// unknown characters beside each other are one token.
///
/// Thread safety: immutable.
struct UnigramModel: Sendable {
    /// How far below the worst token an unknown character is, from SentencePiece.
    private static let unknownPenalty = 10.0

    let vocabulary: Vocabulary
    private let scores: [Double]
    private let unknownID: Int32
    private let unknownScore: Double
    /// The tokens of single bytes that an unknown text is written as when it has them all.
    private let byteIDs: [Int32?]

    /// The best way to write the start of a word.
    fileprivate struct Path {
        var score = 0.0
        /// The last token on it.
        var id: Int32 = 0
        /// Where that token starts; `unreached` when there is no way.
        var start = Path.unreached

        static let unreached = -1
    }

    /// The memory that words share.
    struct Workspace {
        fileprivate var paths: [Path] = []
    }

    /// Reads a `model` of type `Unigram`.
    init(_ node: JSONNode) throws(EmbedderError) {
        let list = try node.required("vocab")
        var tokens: [String] = []
        var scores: [Double] = []
        for element in try list.elements() {
            let parts = try element.elements()
            guard parts.count == 2 else { throw element.failure("must be a token and its score") }
            let token = try parts[0].string()
            guard !token.isEmpty else { throw element.failure("is an empty token") }
            tokens.append(token)
            scores.append(try parts[1].number())
        }
        let vocabulary = try Vocabulary(tokens: tokens, at: list)
        self.vocabulary = vocabulary
        self.scores = scores
        unknownID = Int32(try node.required("unk_id").integer(in: 0...tokens.count - 1))
        unknownScore = (scores.min() ?? 0) - Self.unknownPenalty
        let fallsBack = try node.optional("byte_fallback")?.bool() ?? false
        byteIDs = (UInt8.min...UInt8.max).map { byte in
            fallsBack ? vocabulary.id(token: Self.byteToken(byte)) : nil
        }
    }

    private static func byteToken(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return "<0x" + (digits.utf8.count < 2 ? "0" : "") + digits + ">"
    }

    // MARK: - Tokenizing

    /// Appends the tokens of `word`, a range of `bytes`.
    func tokenize(
        _ bytes: Span<UInt8>,
        word: Range<Int>,
        into pieces: inout [TokenPiece],
        workspace: inout Workspace
    ) {
        findPaths(bytes, word: word, paths: &workspace.paths)
        let first = pieces.count
        var end = word.upperBound
        // Where the unknown characters end that are being gathered, from right to left.
        var unknownEnd: Int?
        while end > word.lowerBound {
            let path = workspace.paths[end - word.lowerBound]
            let start = word.lowerBound + path.start
            if path.id == unknownID {
                unknownEnd = unknownEnd ?? end
            } else {
                if let unknownEnd { appendUnknown(bytes, end..<unknownEnd, to: &pieces) }
                unknownEnd = nil
                pieces.append(TokenPiece(id: path.id, range: start..<end))
            }
            end = start
        }
        if let unknownEnd { appendUnknown(bytes, end..<unknownEnd, to: &pieces) }
        pieces[first...].reverse()
    }

    /// Finds the best way to each place of the word.
    private func findPaths(_ bytes: Span<UInt8>, word: Range<Int>, paths: inout [Path]) {
        paths.removeAll(keepingCapacity: true)
        paths.append(contentsOf: repeatElement(Path(), count: word.count + 1))
        var start = 0
        while start < word.count {
            let here = paths[start].score
            let next = start + bytes.decodeScalar(at: word.lowerBound + start).byteCount
            var hasSingle = false
            var node = ByteTrie.Node.root
            for end in start + 1...word.count {
                let byte = bytes[word.lowerBound + end - 1]
                guard let child = vocabulary.trie.child(of: node, byte: byte) else { break }
                node = child
                guard let id = vocabulary.trie.value(at: node) else { continue }
                paths[end].improve(score: here + scores[Int(id)], id: id, start: start)
                if end == next { hasSingle = true }
            }
            if !hasSingle {
                paths[next].improve(score: here + unknownScore, id: unknownID, start: start)
            }
            start = next
        }
    }

    /// Appends, last one first, what unknown characters become.
    private func appendUnknown(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>,
        to pieces: inout [TokenPiece]
    ) {
        var word: [UInt8] = []
        for index in range { word.append(bytes[index]) }
        if let id = vocabulary.trie.value(of: word) {
            pieces.append(TokenPiece(id: id, range: range))
            return
        }
        let ids = word.compactMap { byteIDs[Int($0)] }
        guard ids.count == word.count else {
            pieces.append(TokenPiece(id: unknownID, range: range))
            return
        }
        for id in ids.reversed() { pieces.append(TokenPiece(id: id, range: range)) }
    }
}

extension UnigramModel.Path {
    /// Takes the other way when it is better, or the first.
    @inline(__always)
    fileprivate mutating func improve(score: Double, id: Int32, start: Int) {
        guard self.start == Self.unreached || score > self.score else { return }
        self = Self(score: score, id: id, start: start)
    }
}
