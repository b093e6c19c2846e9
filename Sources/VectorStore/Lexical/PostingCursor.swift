/// A place in a word's postings that moves forward, window of rows by window of rows.
struct PostingCursor {
    /// What the word is worth at most.
    let weight: Double

    private let word: Int
    private let end: Int
    private var block: Int
    /// The block at hand, once it has been read.
    private var rows = [UInt32](repeating: 0, count: PostingBlock.postingCount)
    private var counts = [UInt32](repeating: 0, count: PostingBlock.postingCount)
    private var readCount = 0
    private var place = 0

    init(_ segment: LexicalSegment, word: Int, weight: Double) {
        self.weight = weight
        self.word = word
        let blocks = segment.blocks(ofWord: word)
        block = blocks.lowerBound
        end = blocks.upperBound
    }

    /// The highest peak of the blocks that may have rows of a window at or after those of the last.
    mutating func peak(in window: Range<Int>, of segment: LexicalSegment) -> Double {
        skip(to: window.lowerBound, in: segment)
        // The last block, and nothing of it is left.
        if readCount > 0, place == readCount, block + 1 == end { return 0 }
        var peak: Float = 0
        var next = block
        while next < end, segment.blockRows[next] < window.upperBound {
            peak = max(peak, segment.blockPeaks[next])
            next += 1
        }
        return Double(peak)
    }

    /// Adds what the word gives to each row of a window.
    mutating func add(
        to scores: inout [Double],
        window: Range<Int>,
        of segment: LexicalSegment,
        _ bm25: BM25
    ) {
        while segment.blockRows[block] < window.upperBound {
            read(segment)
            while place < readCount, rows[place] < window.lowerBound { place += 1 }
            while place < readCount {
                let row = Int(rows[place])
                guard row < window.upperBound else { return }
                let share = bm25.share(count: counts[place], length: segment.lengths[row])
                scores[row - window.lowerBound] += weight * share
                place += 1
            }
            guard block + 1 < end else { return }
            block += 1
            readCount = 0
        }
    }

    /// What the word gives to a row at or after the last that was asked for.
    mutating func score(of row: Int, in segment: LexicalSegment, _ bm25: BM25) -> Double {
        skip(to: row, in: segment)
        guard segment.blockRows[block] <= row else { return 0 }
        read(segment)
        while place < readCount, rows[place] < row { place += 1 }
        guard place < readCount, rows[place] == row else { return 0 }
        return weight * bm25.share(count: counts[place], length: segment.lengths[row])
    }

    /// Goes on to the block that has `row`, if one has.
    private mutating func skip(to row: Int, in segment: LexicalSegment) {
        while block + 1 < end, segment.blockRows[block + 1] <= row {
            block += 1
            readCount = 0
        }
    }

    private mutating func read(_ segment: LexicalSegment) {
        guard readCount == 0 else { return }
        readCount = segment.read(block: block, word: word, rows: &rows, counts: &counts)
        place = 0
    }
}
