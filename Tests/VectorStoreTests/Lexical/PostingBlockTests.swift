import TestSupport
import Testing
import VectorStore

@Suite("Blocks of postings")
struct PostingBlockTests {
    @Test("are read as they were written, at any widths", arguments: [1, 2, 7, 64, 127, 128])
    func roundTrip(postingCount: Int) {
        var random = SeededRandom(seed: UInt64(postingCount))
        var words: [UInt64] = [1, 2, 3]
        for gapMax in [1, 2, 100, 1 << 24] as [UInt32] {
            for countMax in [1, 3, 1 << 20, .max] as [UInt32] {
                var row = UInt32.random(in: 0...1 << 20, using: &random)
                var rows: [UInt32] = []
                var counts: [UInt32] = []
                for _ in 0..<postingCount {
                    rows.append(row)
                    counts.append(UInt32.random(in: 1...countMax, using: &random))
                    row += UInt32.random(in: 1...gapMax, using: &random)
                }
                let offset = words.count
                let widths = PostingBlock.append(rows: rows, counts: counts, to: &words)
                #expect(words.count == offset + widths.wordCount(postingCount: postingCount))
                var readRows = [UInt32](repeating: 0, count: PostingBlock.postingCount)
                var readCounts = readRows
                PostingBlock.read(
                    words,
                    at: offset,
                    widths: widths,
                    firstRow: rows[0],
                    postingCount: postingCount,
                    rows: &readRows,
                    counts: &readCounts
                )
                #expect(Array(readRows.prefix(postingCount)) == rows)
                #expect(Array(readCounts.prefix(postingCount)) == counts)
            }
        }
    }

    @Test("of a word that is in one row once take no bits")
    func singlePosting() {
        var words: [UInt64] = []
        let widths = PostingBlock.append(rows: [70_000], counts: [1], to: &words)
        #expect(words.isEmpty && widths.wordCount(postingCount: 1) == 0)
    }
}
