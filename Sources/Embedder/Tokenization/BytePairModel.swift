/// Byte-level BPE: a word starts as its bytes, and of all neighbouring tokens that merge, those of the
/// first rule do, the leftmost first, until none is left.
///
/// Sennrich et al., "Neural machine translation of rare words with subword units", 2016; on bytes as in
/// GPT-2. Nearly every word is short, and the next rule is found by looking at all pairs; long ones keep
/// them in a heap, so that a run of any length takes O(n log n).
///
/// Thread safety: immutable.
struct BytePairModel: Sendable {
    /// Words of more bytes than this go by the heap.
    private static let shortWordMax = 48

    let vocabulary: Vocabulary
    private let merges: MergeTable
    /// The token of each byte; `absent` for those that no text has.
    private let byteIDs: [Int32]
    /// Whether a word that is a token is not taken apart.
    private let ignoresMerges: Bool

    private static let absent: Int32 = -1

    /// The memory that words share.
    struct Workspace {
        fileprivate var symbols: [Symbol] = []
        fileprivate var queue = MergeQueue()
    }

    /// A token in the making.
    fileprivate struct Symbol {
        var id: Int32
        /// The first byte; `gone` once it went into the symbol before.
        var start: Int
        /// What becomes of it and the next one.
        var merge: MergeTable.Merge

        static let gone = -1
    }

    /// Reads a `model` of type `BPE`.
    init(_ node: JSONNode) throws(EmbedderError) {
        try Self.checkOptions(node)
        let vocabulary = try Vocabulary(try node.required("vocab"))
        var byteIDs: [Int32] = []
        for (byte, character) in ByteAlphabet.shared.characters.enumerated() {
            let id = vocabulary.id(token: String(Character(character)))
            // These never occur in UTF-8.
            let isNeeded = byte != 0xc0 && byte != 0xc1 && byte < 0xf5
            guard id != nil || !isNeeded else {
                throw node.failure("has no token for the byte \(byte)")
            }
            byteIDs.append(id ?? Self.absent)
        }
        self.vocabulary = vocabulary
        self.byteIDs = byteIDs
        ignoresMerges = try node.optional("ignore_merges")?.bool() ?? false
        merges = try MergeTable(try node.required("merges"), vocabulary: vocabulary)
    }

    /// Refuses what changes the tokens and is not supported.
    private static func checkOptions(_ node: JSONNode) throws(EmbedderError) {
        for name in ["continuing_subword_prefix", "end_of_word_suffix"] {
            guard try node.optional(name)?.string().isEmpty ?? true else {
                throw .unsupportedStage("BPE with " + name, at: node)
            }
        }
        guard try !(node.optional("byte_fallback")?.bool() ?? false) else {
            throw .unsupportedStage("BPE with byte_fallback", at: node)
        }
        // A probability of zero leaves nothing to chance.
        if let dropout = try node.optional("dropout"), try dropout.number() != 0 {
            throw .unsupportedStage("BPE with dropout", at: node)
        }
    }

    // MARK: - Tokenizing

    /// Appends the tokens of `word`, a range of `bytes`.
    func tokenize(
        _ bytes: Span<UInt8>,
        word: Range<Int>,
        into pieces: inout [TokenPiece],
        workspace: inout Workspace
    ) {
        guard !word.isEmpty else { return }
        if ignoresMerges, let id = id(bytes, word: word) {
            pieces.append(TokenPiece(id: id, range: word))
            return
        }
        start(bytes, word: word, symbols: &workspace.symbols)
        if word.count <= Self.shortWordMax {
            mergeShort(&workspace.symbols)
        } else {
            mergeLong(&workspace.symbols, queue: &workspace.queue)
        }
        for index in workspace.symbols.indices {
            let next = index + 1
            let isLast = next == workspace.symbols.count
            let end = isLast ? word.upperBound : workspace.symbols[next].start
            let symbol = workspace.symbols[index]
            pieces.append(TokenPiece(id: symbol.id, range: symbol.start..<end))
        }
    }

    /// The token that the whole word is.
    private func id(_ bytes: Span<UInt8>, word: Range<Int>) -> Int32? {
        var node = ByteTrie.Node.root
        for index in word {
            for unit in ByteAlphabet.shared.characters[Int(bytes[index])].utf8 {
                guard let next = vocabulary.trie.child(of: node, byte: unit) else { return nil }
                node = next
            }
        }
        return vocabulary.trie.value(at: node)
    }

    private func start(_ bytes: Span<UInt8>, word: Range<Int>, symbols: inout [Symbol]) {
        symbols.removeAll(keepingCapacity: true)
        var id = byteIDs[Int(bytes[word.lowerBound])]
        for index in word.lowerBound..<word.upperBound - 1 {
            let next = byteIDs[Int(bytes[index + 1])]
            symbols.append(Symbol(id: id, start: index, merge: merges[id, next]))
            id = next
        }
        symbols.append(Symbol(id: id, start: word.upperBound - 1, merge: .none))
    }

    private func mergeShort(_ symbols: inout [Symbol]) {
        while true {
            var best = MergeTable.Merge.none
            var position = 0
            for index in symbols.indices where symbols[index].merge < best {
                best = symbols[index].merge
                position = index
            }
            guard best != .none else { return }
            symbols[position].id = best.id
            symbols.remove(at: position + 1)
            symbols[position].merge =
                position + 1 < symbols.count
                ? merges[best.id, symbols[position + 1].id] : .none
            if position > 0 {
                symbols[position - 1].merge = merges[symbols[position - 1].id, best.id]
            }
        }
    }

    /// The same by a heap of pairs and a list of the symbols that are left.
    private func mergeLong(_ symbols: inout [Symbol], queue: inout MergeQueue) {
        queue.begin(count: symbols.count)
        for index in symbols.indices { queue.push(symbols[index].merge, at: index) }
        while let (rank, position) = queue.pop() {
            // Only what still stands: the symbol may be gone, or be another one by now.
            let merge = symbols[position].merge
            guard merge != .none, merge.rank == rank else { continue }
            let gone = queue.next(position)
            queue.unlink(gone)
            symbols[gone].merge = .none
            symbols[gone].start = Symbol.gone
            symbols[position].id = merge.id
            let next = queue.next(position)
            symbols[position].merge =
                next < symbols.count ? merges[merge.id, symbols[next].id] : .none
            queue.push(symbols[position].merge, at: position)
            if position > 0 {
                let previous = queue.previous(position)
                symbols[previous].merge = merges[symbols[previous].id, merge.id]
                queue.push(symbols[previous].merge, at: previous)
            }
        }
        symbols.removeAll { $0.start == Symbol.gone }
    }
}
