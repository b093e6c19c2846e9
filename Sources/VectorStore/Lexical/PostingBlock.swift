/// Up to 128 postings of a word: rows, and how often the word occurs in each.
///
/// In 64-bit words, first the gaps between rows less one, in `gapWidth` bits each, then the counts less
/// one, in `countWidth` bits each. The first row stands in the segment's directory, so the posting of a
/// word that is in one row once takes no bits at all. Frame-of-reference coding in blocks, as in Zukowski
/// et al., "Super-Scalar RAM-CPU Cache Compression", ICDE 2006.
package enum PostingBlock {
    /// Postings of a full block; all blocks of a word but the last are full.
    package static let postingCount = 128

    /// Widths in bits as one number: of gaps below, of counts above.
    package struct Widths: Equatable {
        var gap: Int
        var count: Int

        init(gap: Int, count: Int) {
            self.gap = gap
            self.count = count
        }

        init(packed: UInt16) {
            gap = Int(packed & 0xff)
            count = Int(packed >> 8)
        }

        var packed: UInt16 { UInt16(count << 8 | gap) }

        /// Whether any block can have them.
        var isPossible: Bool { gap <= 32 && count <= 32 }

        /// The 64-bit words of a block of `postingCount` postings.
        package func wordCount(postingCount: Int) -> Int {
            ((postingCount - 1) * gap + postingCount * count + 63) / 64
        }
    }

    /// Appends a block to `words`, and returns its widths.
    package static func append(rows: [UInt32], counts: [UInt32], to words: inout [UInt64]) -> Widths
    {
        precondition((1...postingCount).contains(rows.count) && rows.count == counts.count)
        var gaps: UInt32 = 0
        for index in rows.indices.dropFirst() {
            gaps |= rows[index] - rows[index - 1] - 1
        }
        let widths = Widths(
            gap: UInt32.bitWidth - gaps.leadingZeroBitCount,
            count: UInt32.bitWidth - counts.reduce(0) { $0 | ($1 - 1) }.leadingZeroBitCount
        )
        let start = words.count
        words.append(
            contentsOf: repeatElement(0, count: widths.wordCount(postingCount: rows.count))
        )
        var bit = start * 64
        func put(_ value: UInt32, _ width: Int) {
            guard width > 0 else { return }
            let shift = bit & 63
            words[bit >> 6] |= UInt64(value) << UInt64(shift)
            if shift + width > 64 { words[bit >> 6 + 1] |= UInt64(value) >> UInt64(64 - shift) }
            bit += width
        }
        for index in rows.indices.dropFirst() { put(rows[index] - rows[index - 1] - 1, widths.gap) }
        for count in counts { put(count - 1, widths.count) }
        return widths
    }

    /// Reads the block that begins at `offset` of `words` into the first elements of `rows` and `counts`.
    package static func read(
        _ words: [UInt64],
        at offset: Int,
        widths: Widths,
        firstRow: UInt32,
        postingCount: Int,
        rows: inout [UInt32],
        counts: inout [UInt32]
    ) {
        var bit = offset * 64
        var row = firstRow
        rows[0] = row
        if widths.gap == 0 {
            for index in 1..<max(1, postingCount) {
                row &+= 1
                rows[index] = row
            }
        } else {
            for index in 1..<max(1, postingCount) {
                row &+= take(words, bit, widths.gap) &+ 1
                rows[index] = row
                bit += widths.gap
            }
        }
        if widths.count == 0 {
            for index in 0..<postingCount { counts[index] = 1 }
        } else {
            for index in 0..<postingCount {
                counts[index] = take(words, bit, widths.count) &+ 1
                bit += widths.count
            }
        }
    }

    @inline(__always)
    private static func take(_ words: [UInt64], _ bit: Int, _ width: Int) -> UInt32 {
        let shift = bit & 63
        var value = words[bit >> 6] >> UInt64(shift)
        if shift + width > 64 { value |= words[bit >> 6 + 1] << UInt64(64 - shift) }
        return UInt32(truncatingIfNeeded: value & (1 << UInt64(width) - 1))
    }
}
