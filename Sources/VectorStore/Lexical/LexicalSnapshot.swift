/// An index as it was at one moment, for one search.
package struct LexicalSnapshot: Sendable {
    /// A word of the query that is in the index.
    struct Word: Sendable {
        /// Its number in the segment.
        var number: Int?
        /// The fresh rows that it is in.
        var fresh: [FreshRows.Posting]
        /// What it is worth at most.
        var weight: Double
    }

    let base: LexicalSegment
    let live: RowBitmap
    let freshRows: [ChunkKey: UInt32]
    let freshKeys: [ChunkKey]
    let freshLengths: [UInt32]
    let averageLength: Double
    let bm25: BM25
    let words: [Word]

    /// Rows that are looked at together: their scores stay in the first cache.
    private static let windowCount = 4_096

    /// Scores are sums of floats in an order that varies: a bound that is lower by less than this share
    /// is not lower.
    private static let slack = 1 - 1e-6

    /// The best rows, best first; among equals the smaller key.
    ///
    /// MaxScore (Turtle & Flood, "Query Evaluation: Strategies and Optimizations", 1995) in windows of
    /// rows with the peaks of blocks as bounds: words that together cannot lift a row among the best are
    /// only looked up for rows that others found. Removed rows, and those that are not selected, are
    /// left out before they count as found.
    package func search(count: Int, selection: Selection?) -> [ChunkHit] {
        var best = BestHits(count: count)
        searchFresh(&best, selection)
        searchBase(&best, selection)
        return best.sorted()
    }

    /// The scores of given rows, 0 where none of the words is in one; rows that are gone are left out.
    ///
    /// Costs a look into a block for each word and row.
    package func scores(of keys: [ChunkKey]) -> [ChunkKey: Float] {
        let fresh = freshScores()
        var scores: [ChunkKey: Float] = [:]
        var rows: [Int] = []
        for key in keys {
            if let row = freshRows[key] {
                scores[key] = Float(fresh[Int(row)])
            } else if let row = base.row(of: key), live.contains(row) {
                rows.append(row)
            }
        }
        var cursors = words.compactMap { word in
            word.number.map { PostingCursor(base, word: $0, weight: word.weight) }
        }
        // Cursors only go forward.
        for row in rows.sorted() {
            var score = 0.0
            for index in cursors.indices {
                score += cursors[index].score(of: row, in: base, bm25)
            }
            scores[base.keys[row]] = Float(score)
        }
        return scores
    }

    /// The score of every fresh row; 0 for a removed one, which is in no list.
    private func freshScores() -> [Double] {
        var scores = [Double](repeating: 0, count: freshKeys.count)
        for word in words {
            for posting in word.fresh {
                let row = Int(posting.row)
                scores[row] +=
                    word.weight * bm25.share(count: posting.count, length: freshLengths[row])
            }
        }
        return scores
    }

    private func searchFresh(_ best: inout BestHits, _ selection: Selection?) {
        for (row, score) in freshScores().enumerated() where score > 0 {
            let key = freshKeys[row]
            if selection?.contains(key) ?? true { best.insert(key, Float(score)) }
        }
    }

    private func searchBase(_ best: inout BestHits, _ selection: Selection?) {
        var cursors = words.compactMap { word in
            word.number.map { PostingCursor(base, word: $0, weight: word.weight) }
        }
        guard !cursors.isEmpty else { return }
        let few = selection.flatMap(rows(ofFew:))
        let many = few == nil ? selection : nil
        let scale = base.peakScale(averageLength: averageLength)
        var scores = [Double](repeating: 0, count: min(Self.windowCount, base.rowCount))
        var bounds = [Double](repeating: 0, count: cursors.count)
        var order = Array(cursors.indices)
        var page = Selection.Page()
        for start in stride(from: 0, to: base.rowCount, by: Self.windowCount) {
            let window = start..<min(start + Self.windowCount, base.rowCount)
            if let few, !few.intersects(window) { continue }
            // 1. What each word can give to a row of this window.
            for index in cursors.indices {
                let cursor = cursors[index].weight * scale
                bounds[index] = cursor * cursors[index].peak(in: window, of: base)
            }
            order.sort { (bounds[$0], $0) < (bounds[$1], $1) }
            // 2. The words that together are not enough.
            var weak = 0
            var weakBound = 0.0
            while weak < order.count, weakBound + bounds[order[weak]] < best.floor * Self.slack {
                weakBound += bounds[order[weak]]
                weak += 1
            }
            // 3. The others find rows.
            for index in order[weak...] where bounds[index] > 0 {
                cursors[index].add(to: &scores, window: window, of: base, bm25)
            }
            guard weak < order.count else { continue }
            // 4. Those that may be among the best get the rest of their scores.
            for offset in 0..<window.count where scores[offset] > 0 {
                var score = scores[offset]
                scores[offset] = 0
                guard score + weakBound >= best.floor * Self.slack else { continue }
                let row = start + offset
                let key = base.keys[row]
                guard few?.contains(row) ?? live.contains(row),
                    many?.contains(key, near: &page) ?? true
                else { continue }
                var rest = weakBound
                for index in order[..<weak].reversed() {
                    guard score + rest >= best.floor * Self.slack else { break }
                    rest -= bounds[index]
                    score += cursors[index].score(of: row, in: base, bm25)
                }
                best.insert(key, Float(score))
            }
        }
    }

    /// The live rows of a selection that is small beside the segment, so that windows without any are
    /// passed over; `nil` for a large one, which is asked row by row.
    private func rows(ofFew selection: Selection) -> RowBitmap? {
        guard selection.count * 16 < base.rowCount else { return nil }
        var rows = RowBitmap(count: base.rowCount)
        for key in selection.keys {
            if let row = base.row(of: key), live.contains(row) { rows.insert(row) }
        }
        return rows
    }
}
