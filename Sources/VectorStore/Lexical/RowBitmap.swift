/// A set of row numbers as a bitmap.
struct RowBitmap: Sendable, Equatable {
    private(set) var words: [UInt64]

    /// None of `count` rows.
    init(count: Int) {
        words = Array(repeating: 0, count: (count + 63) / 64)
    }

    /// All of `count` rows.
    init(all count: Int) {
        words = Array(repeating: .max, count: (count + 63) / 64)
        if count & 63 != 0 { words[words.count - 1] = 1 << UInt64(count & 63) - 1 }
    }

    /// The rows whose bits are set in `words`.
    init(words: [UInt64]) {
        self.words = words
    }

    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    func contains(_ row: Int) -> Bool { words[row >> 6] & 1 << UInt64(row & 63) != 0 }

    mutating func insert(_ row: Int) { words[row >> 6] |= 1 << UInt64(row & 63) }

    mutating func remove(_ row: Int) { words[row >> 6] &= ~(1 << UInt64(row & 63)) }

    /// Whether a row of `range` is in it; the bounds are multiples of 64, or the end.
    func intersects(_ range: Range<Int>) -> Bool {
        (range.lowerBound >> 6..<min(words.count, (range.upperBound + 63) >> 6))
            .contains { words[$0] != 0 }
    }
}
