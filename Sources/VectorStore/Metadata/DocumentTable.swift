/// The documents of a collection that have chunks, as dense numbers: what the bits of a `RowSet` mean.
///
/// A row is a document in one of its versions: chunks of one write have consecutive keys, above all
/// earlier ones, so that rows ascend by chunk. A document whose chunks are replaced leaves its row, which is
/// dead from then on, and gets a new one at the end.
///
/// Rows lie in pages, so that a change copies one page of what a search still reads. Thread safety: a value.
struct DocumentTable: Sendable {
    /// A document and its chunks.
    struct Row: Sendable, Equatable {
        /// Its key in the table `documents`.
        var document: Int64
        /// Its first chunk.
        var first: ChunkKey
        /// How many chunks it has, at least 1.
        var count: UInt32
    }

    /// Not counted up to the end of an `Int32`: row numbers are kept in 32 bits.
    static let rowCountMax = Int(Int32.max)

    private static let pageShift = 12

    private var pages: [[Row]] = []

    /// The rows that are not dead.
    private(set) var live = RowSet(rowCount: 0)

    /// How many rows are dead.
    private(set) var deadCount = 0

    var rowCount: Int { live.rowCount }

    var byteCount: Int {
        pages.count << Self.pageShift * MemoryLayout<Row>.stride + live.byteCount
    }

    subscript(row: Int) -> Row {
        pages[row >> Self.pageShift][row & (1 << Self.pageShift - 1)]
    }

    /// Adds a row behind the last.
    ///
    /// - Returns: false, and nothing is changed, when its chunks do not follow all others.
    mutating func append(_ row: Row) -> Bool {
        guard rowCount < Self.rowCountMax else { return false }
        if let last = pages.last?.last, row.first < last.first + ChunkKey(last.count) {
            return false
        }
        if rowCount & (1 << Self.pageShift - 1) == 0 {
            pages.append([])
            pages[pages.count - 1].reserveCapacity(1 << Self.pageShift)
        }
        pages[pages.count - 1].append(row)
        live.append()
        return true
    }

    /// Adds a chunk to the last row.
    mutating func extendLast() {
        let page = pages.count - 1
        pages[page][pages[page].count - 1].count += 1
    }

    /// Makes the row that begins with a chunk a dead one, if there is one.
    mutating func remove(first chunk: ChunkKey) {
        guard let row = row(first: chunk), live.contains(row) else { return }
        live.remove(row)
        deadCount += 1
    }

    /// The row whose first chunk is the given one.
    func row(first chunk: ChunkKey) -> UInt32? {
        let page = Self.lowerBound(pages.count) { pages[$0][0].first <= chunk } - 1
        guard page >= 0 else { return nil }
        let rows = pages[page]
        let place = Self.lowerBound(rows.count) { rows[$0].first < chunk }
        guard place < rows.count, rows[place].first == chunk else { return nil }
        return UInt32(page << Self.pageShift | place)
    }

    /// The row of each live document.
    func rowsByDocument() -> [Int64: UInt32] {
        var rows: [Int64: UInt32] = [:]
        rows.reserveCapacity(rowCount - deadCount)
        live.visit { rows[self[$0].document] = UInt32($0) }
        return rows
    }

    /// The chunks of the given rows, none of which is dead.
    func chunks(of rows: RowSet) -> Selection {
        var selection = Selection()
        // Neighbours are put together: a set that is dense comes out in whole words.
        var run: Range<ChunkKey> = 0..<0
        for (number, page) in pages.enumerated() {
            let first = number << Self.pageShift
            rows.visit(first..<first + page.count) { place in
                let row = page[place - first]
                let end = row.first + ChunkKey(row.count)
                if row.first == run.upperBound {
                    run = run.lowerBound..<end
                } else {
                    selection.insert(run)
                    run = row.first..<end
                }
            }
        }
        selection.insert(run)
        return selection
    }

    /// The table without its dead rows, and the new number of each row; dead ones have `UInt32.max`.
    func compacted() -> (table: DocumentTable, numbers: [UInt32]) {
        var table = DocumentTable()
        var numbers = [UInt32](repeating: .max, count: rowCount)
        live.visit { row in
            numbers[row] = UInt32(table.rowCount)
            let isAppended = table.append(self[row])
            precondition(isAppended, "rows ascend")
        }
        return (table, numbers)
    }

    /// How many of the places 0..<count, of which `isBefore` holds for the first ones, it holds for.
    private static func lowerBound(_ count: Int, _ isBefore: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
