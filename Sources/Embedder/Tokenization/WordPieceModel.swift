/// WordPiece: a word is the longest token it starts with, then the longest that continues it, and so
/// on; a word that cannot be used up is one unknown token.
///
/// Schuster & Nakajima, "Japanese and Korean voice search", 2012; greedy as in BERT. One trie holds
/// all tokens, and continuing tokens are those below the node of the prefix.
///
/// Thread safety: immutable.
struct WordPieceModel: Sendable {
    let vocabulary: Vocabulary
    /// What marks a token that continues a word, `##` in BERT.
    let continuingPrefix: String
    /// Words of more scalars than this are unknown as a whole.
    let wordLengthMax: Int
    private let unknownID: Int32
    private let continuation: ByteTrie.Node?

    /// Reads a `model` of type `WordPiece`.
    init(_ node: JSONNode) throws(EmbedderError) {
        vocabulary = try Vocabulary(try node.required("vocab"))
        continuingPrefix = try node.optional("continuing_subword_prefix")?.string() ?? "##"
        wordLengthMax =
            try node.optional("max_input_chars_per_word")?.integer(in: 1...1_000_000) ?? 100
        let unknown = try node.optional("unk_token")?.string() ?? "[UNK]"
        guard let unknownID = vocabulary.id(token: unknown) else {
            throw node.failure("has an unk_token, \(unknown.debugDescription), that is no token")
        }
        self.unknownID = unknownID
        continuation = vocabulary.trie.node(continuingPrefix.utf8)
    }

    /// Appends the tokens of `word`, a range of `bytes`.
    @inline(__always)
    func tokenize(_ bytes: Span<UInt8>, word: Range<Int>, into pieces: inout [TokenPiece]) {
        let countBefore = pieces.count
        if appendPieces(bytes, word: word, to: &pieces) { return }
        pieces.removeSubrange(countBefore...)
        pieces.append(TokenPiece(id: unknownID, range: word))
    }

    /// Appends the tokens that make up the word; false when it cannot be used up.
    private func appendPieces(
        _ bytes: Span<UInt8>,
        word: Range<Int>,
        to pieces: inout [TokenPiece]
    ) -> Bool {
        guard word.count <= wordLengthMax || scalarCount(bytes, in: word) <= wordLengthMax else {
            return false
        }
        var node: ByteTrie.Node? = .root
        var position = word.lowerBound
        while position < word.upperBound {
            guard let start = node,
                let match = vocabulary.trie.longestMatch(
                    bytes,
                    from: position,
                    to: word.upperBound,
                    below: start
                )
            else { return false }
            pieces.append(TokenPiece(id: match.value, range: position..<match.end))
            position = match.end
            node = continuation
        }
        return true
    }

    private func scalarCount(_ bytes: Span<UInt8>, in range: Range<Int>) -> Int {
        var count = 0
        for index in range where bytes[index] & 0xc0 != 0x80 { count += 1 }
        return count
    }
}
