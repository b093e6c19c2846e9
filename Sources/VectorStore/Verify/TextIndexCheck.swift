import GRDB

/// Compares a stored full-text index with the texts, word by word and without a copy of either.
///
/// Every posting (word, chunk, how often) is hashed and the hashes are added up, once as the index has them
/// and once as the texts are cut into words; lengths are compared in the same way. Documents that were
/// written after the index are left out: a start reads them again.
struct TextIndexCheck {
    let db: Database
    let collection: Int64
    let language: TextLanguage

    /// Compares.
    ///
    /// - Throws: `corrupted` with the first difference.
    func compare() throws {
        guard try LexicalCheckpoint.isKnown(db),
            let (position, image) = try LexicalCheckpoint.read(db, collection: collection),
            image.analysis == TextAnalyzer.fingerprint(language)
        else { return }
        let state = image.state
        try checkCounts(state)
        // A text that is damaged has been found as such; without it there is nothing to compare with.
        guard let texts = try sumOfTexts(through: position) else { return }
        guard sum(of: state, texts.keys) == texts.sum else {
            throw VectorStoreError.corrupted("its words are not those of the texts")
        }
    }

    /// The hashes of everything in the texts of a position, and the chunks that they are of.
    private func sumOfTexts(through position: Int64) throws -> (sum: UInt64, keys: Set<ChunkKey>)? {
        let analyzer = TextAnalyzer(language)
        var sum: UInt64 = 0
        var isWhole = true
        let keys = try coveredKeys(through: position)
        try ChunkTexts(db, collection: collection).forEach { key, title, text in
            guard keys.contains(key) else { return }
            let words = analyzer.words(title: title, text: text)
            for (word, count) in words.counts { sum &+= Self.hash(word.utf8, key, count) }
            sum &+= Self.hash("".utf8, key, UInt32(clamping: words.length))
        } damaged: { _, _ in
            isWhole = false
        }
        return isWhole ? (sum, keys) : nil
    }

    private func coveredKeys(through position: Int64) throws -> Set<ChunkKey> {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT c.key FROM chunks c JOIN documents d ON d.key = c.document_key
                WHERE c.collection_id = ? AND d.position <= ?
                """,
            arguments: [collection, position]
        )
        var keys: Set<ChunkKey> = []
        while let row = try rows.next() { keys.insert(try row.integer(0, "chunks.key")) }
        return keys
    }

    /// The same of the index.
    private func sum(of state: LexicalState, _ keys: Set<ChunkKey>) -> UInt64 {
        let base = state.base
        var sum: UInt64 = 0
        let isCovered = base.keys.indices.map { row in
            state.live.contains(row) && keys.contains(base.keys[row])
        }
        for row in base.keys.indices where isCovered[row] {
            sum &+= Self.hash("".utf8, base.keys[row], base.lengths[row])
        }
        for word in 0..<base.wordCount {
            let bytes = base.bytes(ofWord: word)
            base.forEachPosting(ofWord: word) { row, count in
                if isCovered[row] { sum &+= Self.hash(bytes, base.keys[row], count) }
            }
        }
        return sum
    }

    /// The postings of removed rows, and the peaks that let searches pass over blocks.
    private func checkCounts(_ state: LexicalState) throws {
        let base = state.base
        let bm25 = BM25(rowCount: base.rowCount, averageLength: base.referenceLength)
        var rows = [UInt32](repeating: 0, count: PostingBlock.postingCount)
        var counts = rows
        for word in 0..<base.wordCount {
            var gone: UInt32 = 0
            for block in base.blocks(ofWord: word) {
                let count = base.read(block: block, word: word, rows: &rows, counts: &counts)
                for index in 0..<count {
                    let row = Int(rows[index])
                    if !state.live.contains(row) { gone += 1 }
                    let share = bm25.share(count: counts[index], length: base.lengths[row])
                    guard Float(share) <= base.blockPeaks[block] else {
                        throw VectorStoreError.corrupted("a block of postings has too low a peak")
                    }
                }
            }
            guard gone == state.gone[UInt32(word)] ?? 0 else {
                throw VectorStoreError.corrupted("the postings of removed chunks are miscounted")
            }
        }
    }

    /// A hash of a posting (FNV-1a, mixed at the end as SplitMix64 does).
    private static func hash(
        _ word: some Sequence<UInt8>,
        _ key: ChunkKey,
        _ count: UInt32
    ) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in word { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for number in [key, Int64(count)] {
            hash = (hash ^ UInt64(bitPattern: number)) &* 0xbf58_476d_1ce4_e5b9
            hash ^= hash >> 31
        }
        return hash
    }
}
