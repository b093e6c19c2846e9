/// A full-text index at one moment: a packed segment, and the rows that came since it was packed.
///
/// Copies share their memory, so that a search works on a snapshot. Removed rows of the segment are
/// marked and stay until it is packed anew; how many postings of each word are theirs is counted, so that
/// the frequencies of words are exact at any time.
package struct LexicalState: Sendable {
    private(set) var base: LexicalSegment
    /// The rows of the segment that are not removed.
    private(set) var live: RowBitmap
    /// Postings of removed rows, by the word's number in the segment.
    private(set) var gone: [UInt32: UInt32]
    private(set) var goneCount: Int
    private(set) var fresh = FreshRows()
    /// The lengths of all live rows.
    private(set) var totalLength: Int

    /// An index of nothing.
    package init() {
        self.init(base: .empty, live: RowBitmap(count: 0), gone: [:])
    }

    /// A packed index.
    init(base: LexicalSegment, live: RowBitmap, gone: [UInt32: UInt32]) {
        self.base = base
        self.live = live
        self.gone = gone
        goneCount = base.rowCount - live.count
        totalLength = base.lengths.indices.reduce(0) { sum, row in
            live.contains(row) ? sum + Int(base.lengths[row]) : sum
        }
    }

    /// The live rows.
    package var count: Int { base.rowCount - goneCount + fresh.count }

    /// Bytes in memory.
    package var byteCount: Int {
        base.byteCount + live.words.count * 8 + gone.count * 12 + fresh.byteCount
    }

    var averageLength: Double { count > 0 ? Double(totalLength) / Double(count) : 0 }

    package func contains(_ key: ChunkKey) -> Bool {
        fresh.contains(key) || base.row(of: key).map { live.contains($0) } ?? false
    }

    /// The live chunks of the segment.
    var baseKeys: [ChunkKey] {
        base.keys.indices.lazy.filter { live.contains($0) }.map { base.keys[$0] }
    }

    // MARK: - Changing

    /// Follows a committed write.
    package mutating func apply(_ change: LexicalChange) {
        remove(change.removed)
        // New chunks are new, unless the file is damaged: then the later one counts.
        let known = change.inserted.filter { contains($0.key) }
        remove(known.map { ($0.key, nil) })
        for (key, words) in change.inserted where !fresh.contains(key) {
            fresh.insert(key, words)
            totalLength += words.length
        }
    }

    /// Removes chunks; those that are not there are passed over.
    mutating func remove(_ removed: [(key: ChunkKey, words: ChunkWords?)]) {
        var unknown: RowBitmap?
        for (key, words) in removed {
            if let length = fresh.remove(key, words) {
                totalLength -= Int(length)
                continue
            }
            guard let row = base.row(of: key), live.contains(row) else { continue }
            live.remove(row)
            goneCount += 1
            totalLength -= Int(base.lengths[row])
            guard let words else {
                if unknown == nil { unknown = RowBitmap(count: base.rowCount) }
                unknown?.insert(row)
                continue
            }
            for word in words.counts.keys {
                guard let number = base.number(ofWord: word) else { continue }
                gone[UInt32(number), default: 0] += 1
            }
        }
        if let unknown { countPostings(of: unknown) }
    }

    /// Counts the words of removed rows by looking through all postings: about a millisecond for a
    /// million.
    private mutating func countPostings(of rows: RowBitmap) {
        for word in 0..<base.wordCount {
            var count: UInt32 = 0
            base.forEachPosting(ofWord: word) { row, _ in if rows.contains(row) { count += 1 } }
            if count > 0 { gone[UInt32(word), default: 0] += count }
        }
    }

    // MARK: - Searching

    /// What a search for `words` needs.
    package func snapshot(of words: [String]) -> LexicalSnapshot {
        let bm25 = BM25(rowCount: count, averageLength: averageLength)
        return LexicalSnapshot(
            base: base,
            live: live,
            freshRows: fresh.rows,
            freshKeys: fresh.keys,
            freshLengths: fresh.lengths,
            averageLength: averageLength,
            bm25: bm25,
            words: words.compactMap { word in
                let number = base.number(ofWord: word)
                let list = fresh.lists[word] ?? []
                let packed = number.map { Int(base.postingCounts[$0]) - Int(gone[UInt32($0)] ?? 0) }
                let frequency = max(0, packed ?? 0) + list.count
                guard frequency > 0 else { return nil }
                return LexicalSnapshot.Word(
                    number: number,
                    fresh: list,
                    weight: bm25.weight(frequency: frequency)
                )
            }
        )
    }
}
