/// The postings of many chunks, packed and never changed.
///
/// A chunk is a row; rows are numbered from 0 in the order in which their words came. Words stand in the
/// order of their bytes. Each has its postings in blocks, and each block a *peak*: the largest share of
/// the word's weight that a posting of it has (`BM25.share`), which lets a search pass over blocks that
/// cannot matter (Ding & Suel, "Faster Top-k Document Retrieval Using Block-Max Indexes", SIGIR 2011).
///
/// Thread safety: immutable.
final class LexicalSegment: Sendable {
    /// The chunk of each row, and how many words it has.
    let keys: [ChunkKey]
    let lengths: [UInt32]

    /// The mean length that the peaks were computed for; see `peakScale`.
    let referenceLength: Double

    /// The bytes of all words, and where each ends.
    let wordBytes: [UInt8]
    let wordEnds: [UInt32]
    /// Postings of each word.
    let postingCounts: [UInt32]
    /// The first block of each word, and the number of blocks.
    let firstBlocks: [UInt32]

    /// The first row, the peak, the widths and the place of each block.
    let blockRows: [UInt32]
    let blockPeaks: [Float]
    let blockWidths: [UInt16]
    let blockOffsets: [UInt32]
    let blocks: [UInt64]

    /// Rows in the order of their chunks where that is another one; empty where it is not.
    private let order: [UInt32]

    /// A segment of parts that fit together.
    init(
        keys: [ChunkKey],
        lengths: [UInt32],
        referenceLength: Double,
        wordBytes: [UInt8],
        wordEnds: [UInt32],
        postingCounts: [UInt32],
        blockRows: [UInt32],
        blockPeaks: [Float],
        blockWidths: [UInt16],
        blocks: [UInt64]
    ) {
        self.keys = keys
        self.lengths = lengths
        self.referenceLength = referenceLength
        self.wordBytes = wordBytes
        self.wordEnds = wordEnds
        self.postingCounts = postingCounts
        self.blockRows = blockRows
        self.blockPeaks = blockPeaks
        self.blockWidths = blockWidths
        self.blocks = blocks
        var first: UInt32 = 0
        var firstBlocks: [UInt32] = []
        var offset: UInt32 = 0
        var blockOffsets: [UInt32] = []
        firstBlocks.reserveCapacity(postingCounts.count + 1)
        blockOffsets.reserveCapacity(blockRows.count)
        for count in postingCounts {
            firstBlocks.append(first)
            var left = Int(count)
            while left > 0 {
                let posted = min(left, PostingBlock.postingCount)
                let widths = PostingBlock.Widths(packed: blockWidths[Int(first)])
                blockOffsets.append(offset)
                offset += UInt32(widths.wordCount(postingCount: posted))
                left -= posted
                first += 1
            }
        }
        firstBlocks.append(first)
        self.firstBlocks = firstBlocks
        self.blockOffsets = blockOffsets
        order = Self.order(of: keys)
    }

    /// A segment of nothing.
    static let empty = LexicalSegment(
        keys: [],
        lengths: [],
        referenceLength: 0,
        wordBytes: [],
        wordEnds: [],
        postingCounts: [],
        blockRows: [],
        blockPeaks: [],
        blockWidths: [],
        blocks: []
    )

    var rowCount: Int { keys.count }
    var wordCount: Int { wordEnds.count }

    /// Bytes in memory.
    var byteCount: Int {
        keys.count * 8 + lengths.count * 4 + wordBytes.count + wordCount * 12
            + blockRows.count * 14 + blocks.count * 8 + order.count * 4
    }

    // MARK: - Words

    /// The bytes of a word.
    func bytes(ofWord word: Int) -> ArraySlice<UInt8> {
        wordBytes[(word == 0 ? 0 : Int(wordEnds[word - 1]))..<Int(wordEnds[word])]
    }

    /// The number of a word, by a binary search.
    func number(ofWord word: String) -> Int? {
        let wanted = Array(word.utf8)
        var low = 0
        var high = wordCount
        while low < high {
            let middle = (low + high) / 2
            let found = bytes(ofWord: middle)
            if found.elementsEqual(wanted) { return middle }
            if found.lexicographicallyPrecedes(wanted) { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// The blocks of a word.
    func blocks(ofWord word: Int) -> Range<Int> {
        Int(firstBlocks[word])..<Int(firstBlocks[word + 1])
    }

    /// How many postings a block of a word has.
    func postingCount(ofBlock block: Int, word: Int) -> Int {
        block + 1 < Int(firstBlocks[word + 1])
            ? PostingBlock.postingCount
            : Int(postingCounts[word]) - (block - Int(firstBlocks[word]))
                * PostingBlock.postingCount
    }

    /// Reads a block's postings, and returns how many there are.
    func read(
        block: Int,
        word: Int,
        rows: inout [UInt32],
        counts: inout [UInt32]
    ) -> Int {
        let count = postingCount(ofBlock: block, word: word)
        PostingBlock.read(
            blocks,
            at: Int(blockOffsets[block]),
            widths: PostingBlock.Widths(packed: blockWidths[block]),
            firstRow: blockRows[block],
            postingCount: count,
            rows: &rows,
            counts: &counts
        )
        return count
    }

    /// Calls `body` with every row that a word is in, and how often.
    func forEachPosting(ofWord word: Int, _ body: (_ row: Int, _ count: UInt32) -> Void) {
        var rows = [UInt32](repeating: 0, count: PostingBlock.postingCount)
        var counts = rows
        for block in blocks(ofWord: word) {
            let count = read(block: block, word: word, rows: &rows, counts: &counts)
            for index in 0..<count { body(Int(rows[index]), counts[index]) }
        }
    }

    /// By how much peaks are too low at most when rows are `averageLength` long on average.
    ///
    /// A share is c / (c + k1 (1 − b + b · length / mean)): a mean that grows by a factor makes it grow
    /// by less than that factor, and one that shrinks makes it shrink.
    func peakScale(averageLength: Double) -> Double {
        referenceLength > 0 ? max(1, averageLength / referenceLength) : 1
    }

    // MARK: - Rows

    /// The last row of a chunk.
    func row(of key: ChunkKey) -> Int? {
        var low = 0
        var high = rowCount
        while low < high {
            let middle = (low + high) / 2
            if keys[ordered(middle)] <= key { low = middle + 1 } else { high = middle }
        }
        guard low > 0, keys[ordered(low - 1)] == key else { return nil }
        return ordered(low - 1)
    }

    private func ordered(_ place: Int) -> Int { order.isEmpty ? place : Int(order[place]) }

    private static func order(of keys: [ChunkKey]) -> [UInt32] {
        let isAscending = zip(keys, keys.dropFirst()).allSatisfy { $0 < $1 }
        guard !isAscending else { return [] }
        return (0..<UInt32(keys.count)).sorted { first, second in
            (keys[Int(first)], first) < (keys[Int(second)], second)
        }
    }
}
