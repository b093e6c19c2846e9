/// A set of rows of a `DocumentTable`: one bit a row.
///
/// Thread safety: a value.
struct RowSet: Sendable, Equatable {
    /// How many rows there are to choose from.
    private(set) var rowCount: Int
    private var words: [UInt64]

    /// No row of `rowCount`.
    init(rowCount: Int) {
        self.rowCount = rowCount
        words = Array(repeating: 0, count: (rowCount + 63) / 64)
    }

    var byteCount: Int { words.count * MemoryLayout<UInt64>.stride }

    /// How many rows are in it.
    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    func contains(_ row: UInt32) -> Bool {
        words[Int(row >> 6)] & Self.bit(row) != 0
    }

    mutating func insert(_ row: UInt32) {
        words[Int(row >> 6)] |= Self.bit(row)
    }

    mutating func remove(_ row: UInt32) {
        words[Int(row >> 6)] &= ~Self.bit(row)
    }

    mutating func insert(_ rows: ArraySlice<UInt32>) {
        for row in rows {
            words[Int(row >> 6)] |= Self.bit(row)
        }
    }

    /// Adds a row behind the last, which is in the set.
    mutating func append() {
        if rowCount & 63 == 0 { words.append(0) }
        rowCount += 1
        insert(UInt32(rowCount - 1))
    }

    mutating func formUnion(_ other: RowSet) {
        for word in words.indices { words[word] |= other.words[word] }
    }

    mutating func formIntersection(_ other: RowSet) {
        for word in words.indices { words[word] &= other.words[word] }
    }

    /// Keeps what is not in it instead; bits behind the last row are the caller's to mask.
    mutating func invert() {
        for word in words.indices { words[word] = ~words[word] }
    }

    /// Calls `body` with every row, ascending.
    func visit(_ body: (Int) -> Void) {
        visit(0..<rowCount, body)
    }

    /// Calls `body` with every row of a range that begins at a multiple of 64, ascending.
    func visit(_ range: Range<Int>, _ body: (Int) -> Void) {
        for word in range.lowerBound / 64..<(range.upperBound + 63) / 64 {
            var bits = words[word]
            while bits != 0 {
                body(word << 6 | bits.trailingZeroBitCount)
                bits &= bits - 1
            }
        }
    }

    private static func bit(_ row: UInt32) -> UInt64 { 1 << UInt64(row & 63) }
}
