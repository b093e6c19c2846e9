/// Packs postings into a segment, word by word.
struct LexicalSegmentBuilder {
    private let keys: [ChunkKey]
    private let lengths: [UInt32]
    private let averageLength: Double
    private let bm25: BM25

    private var wordBytes: [UInt8] = []
    private var wordEnds: [UInt32] = []
    private var postingCounts: [UInt32] = []
    private var blockRows: [UInt32] = []
    private var blockPeaks: [Float] = []
    private var blockWidths: [UInt16] = []
    private var blocks: [UInt64] = []

    /// Postings of the word at hand that make no full block yet.
    private var rows: [UInt32] = []
    private var counts: [UInt32] = []
    private var postingCount: UInt32 = 0

    /// - Parameters:
    ///   - keys: the chunk of each row.
    ///   - lengths: how many words each has.
    ///   - averageLength: the mean length that peaks are computed for.
    init(keys: [ChunkKey], lengths: [UInt32], averageLength: Double) {
        self.keys = keys
        self.lengths = lengths
        // As it is stored.
        self.averageLength = Double(Float(averageLength))
        bm25 = BM25(rowCount: keys.count, averageLength: self.averageLength)
    }

    /// How many words there are.
    var wordCount: Int { wordEnds.count }

    /// Adds a posting of the word at hand; rows ascend.
    mutating func append(row: UInt32, count: UInt32) {
        rows.append(row)
        counts.append(count)
        if rows.count == PostingBlock.postingCount { endBlock() }
    }

    /// Adds a whole block of another segment as it is: full, and of rows that have the same numbers and
    /// the same peaks here.
    mutating func append(block: Int, of segment: LexicalSegment) {
        precondition(rows.isEmpty, "a block follows full ones")
        let start = Int(segment.blockOffsets[block])
        let widths = PostingBlock.Widths(packed: segment.blockWidths[block])
        let end = start + widths.wordCount(postingCount: PostingBlock.postingCount)
        blockRows.append(segment.blockRows[block])
        blockPeaks.append(segment.blockPeaks[block])
        blockWidths.append(segment.blockWidths[block])
        blocks.append(contentsOf: segment.blocks[start..<end])
        postingCount += UInt32(PostingBlock.postingCount)
    }

    /// Ends the word at hand; words ascend by their bytes, and one without postings is left out.
    ///
    /// - Returns: its number, unless it was left out.
    @discardableResult
    mutating func endWord(_ bytes: some Swift.Collection<UInt8>) -> Int? {
        endBlock()
        guard postingCount > 0 else { return nil }
        wordBytes.append(contentsOf: bytes)
        wordEnds.append(UInt32(wordBytes.count))
        postingCounts.append(postingCount)
        postingCount = 0
        return wordCount - 1
    }

    /// The segment.
    func finish() -> LexicalSegment {
        LexicalSegment(
            keys: keys,
            lengths: lengths,
            referenceLength: averageLength,
            wordBytes: wordBytes,
            wordEnds: wordEnds,
            postingCounts: postingCounts,
            blockRows: blockRows,
            blockPeaks: blockPeaks,
            blockWidths: blockWidths,
            blocks: blocks
        )
    }

    private mutating func endBlock() {
        guard let first = rows.first else { return }
        var peak = 0.0
        for (row, count) in zip(rows, counts) {
            peak = max(peak, bm25.share(count: count, length: lengths[Int(row)]))
        }
        blockRows.append(first)
        // Rounded to a float it may be a little less than it was.
        blockPeaks.append(Float(peak).nextUp)
        blockWidths.append(PostingBlock.append(rows: rows, counts: counts, to: &blocks).packed)
        postingCount += UInt32(rows.count)
        rows.removeAll(keepingCapacity: true)
        counts.removeAll(keepingCapacity: true)
    }
}
