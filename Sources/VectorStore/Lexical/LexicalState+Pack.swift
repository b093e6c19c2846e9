extension LexicalState {
    /// The same index with all rows in the segment.
    ///
    /// Full blocks are copied as they are. When more than a quarter of the segment's rows are removed, or
    /// rows have become so much longer or shorter that the peaks say little, everything is packed anew
    /// without the removed rows.
    ///
    /// - Complexity: O(bytes of the segment), O(postings) when packed anew.
    package func packed() -> LexicalState {
        let reference = base.referenceLength
        let isDrifted = reference > 0 && !(0.8...1.25).contains(averageLength / reference)
        let isAnew = goneCount * 4 > base.rowCount || isDrifted || base.rowCount == 0
        guard isAnew || !fresh.keys.isEmpty else { return self }
        let rows = RowPlan(self, keepsRemoved: !isAnew)
        var builder = LexicalSegmentBuilder(
            keys: rows.keys,
            lengths: rows.lengths,
            averageLength: isAnew ? averageLength : reference
        )
        var goneAfter: [UInt32: UInt32] = [:]
        mergeWords { number, word, bytes in
            if let number {
                if isAnew {
                    base.forEachPosting(ofWord: number) { row, count in
                        let row = rows.base[row]
                        if row != RowPlan.dropped { builder.append(row: row, count: count) }
                    }
                } else {
                    copy(word: number, to: &builder)
                }
            }
            for posting in word.flatMap({ fresh.lists[$0] }) ?? [] {
                builder.append(row: rows.fresh[Int(posting.row)], count: posting.count)
            }
            if let after = builder.endWord(bytes), !isAnew, let number,
                let count = gone[UInt32(number)]
            {
                goneAfter[UInt32(after)] = count
            }
        }
        var liveAfter = RowBitmap(all: rows.keys.count)
        if !isAnew {
            for row in 0..<base.rowCount where !live.contains(row) { liveAfter.remove(row) }
        }
        return LexicalState(base: builder.finish(), live: liveAfter, gone: goneAfter)
    }

    /// Copies a word's full blocks, and the postings of the last one.
    private func copy(word: Int, to builder: inout LexicalSegmentBuilder) {
        var rows = [UInt32](repeating: 0, count: PostingBlock.postingCount)
        var counts = rows
        for block in base.blocks(ofWord: word) {
            let count = base.postingCount(ofBlock: block, word: word)
            if count == PostingBlock.postingCount {
                builder.append(block: block, of: base)
                continue
            }
            _ = base.read(block: block, word: word, rows: &rows, counts: &counts)
            for index in 0..<count { builder.append(row: rows[index], count: counts[index]) }
        }
    }

    /// Calls `body` with each word of the segment or of the fresh rows, in the order of their bytes.
    private func mergeWords(
        _ body: (_ number: Int?, _ word: String?, _ bytes: ArraySlice<UInt8>) -> Void
    ) {
        let words = fresh.lists.keys.map { (word: $0, bytes: Array($0.utf8)[...]) }
            .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        var number = 0
        for (word, bytes) in words {
            while number < base.wordCount {
                let known = base.bytes(ofWord: number)
                guard known.lexicographicallyPrecedes(bytes) else { break }
                body(number, nil, known)
                number += 1
            }
            if number < base.wordCount, base.bytes(ofWord: number) == bytes {
                body(number, word, bytes)
                number += 1
            } else {
                body(nil, word, bytes)
            }
        }
        while number < base.wordCount {
            body(number, nil, base.bytes(ofWord: number))
            number += 1
        }
    }
}

/// The rows of an index once it is packed.
private struct RowPlan {
    /// The new number of a row that is left out.
    static let dropped = UInt32.max

    /// New numbers of the segment's rows and of the fresh ones.
    var base: [UInt32] = []
    var fresh: [UInt32] = []
    var keys: [ChunkKey] = []
    var lengths: [UInt32] = []

    init(_ state: LexicalState, keepsRemoved: Bool) {
        base.reserveCapacity(state.base.rowCount)
        for row in 0..<state.base.rowCount {
            let isKept = keepsRemoved || state.live.contains(row)
            base.append(isKept ? UInt32(keys.count) : Self.dropped)
            if isKept {
                keys.append(state.base.keys[row])
                lengths.append(state.base.lengths[row])
            }
        }
        for row in state.fresh.keys.indices {
            let isKept = state.fresh.isLive(UInt32(row))
            fresh.append(isKept ? UInt32(keys.count) : Self.dropped)
            if isKept {
                keys.append(state.fresh.keys[row])
                lengths.append(state.fresh.lengths[row])
            }
        }
    }
}
