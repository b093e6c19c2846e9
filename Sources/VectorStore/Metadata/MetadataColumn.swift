/// What every document has at one key: lists of rows by scalar, and the entries of the rows that were
/// written since the lists were made.
///
/// A write costs an entry in a dictionary; a search looks at those one by one, and so they are merged into
/// new lists before there are many. Thread safety: a value.
struct MetadataColumn: Sendable {
    private let lists: PostingLists
    /// Rows whose entries are these, whatever the lists say.
    private var changed: [UInt32: [MetadataEntry]] = [:]
    private var changedByteCount = 0

    init(_ lists: PostingLists) {
        self.lists = lists
    }

    var byteCount: Int {
        lists.byteCount + changedByteCount + changed.capacity * (MemoryLayout<Int>.stride + 4)
    }

    /// Whether looking at changed rows one by one has become slow beside the lists: at tens of
    /// nanoseconds each, 1,024 are nothing, and a thirty-second of all rows costs about what a
    /// comparison of all does.
    func isMergeDue(rowCount: Int) -> Bool {
        changed.count > max(1_024, rowCount / 32)
    }

    /// Sets what a row has.
    mutating func set(_ row: UInt32, to entries: [MetadataEntry]) {
        let former = changed.updateValue(entries, forKey: row)
        changedByteCount += Self.byteCount(of: entries) - (former.map(Self.byteCount(of:)) ?? 0)
    }

    /// The rows for which `test` holds; dead ones may be among them.
    func rows(_ test: MetadataTest, rowCount: Int) -> RowSet {
        var rows = RowSet(rowCount: rowCount)
        test.collect(from: lists, into: &rows)
        for (row, entries) in changed {
            if test.holds(entries) { rows.insert(row) } else { rows.remove(row) }
        }
        return rows
    }

    /// The same column without changed rows.
    ///
    /// - Parameter number: a live row's number from now on, `nil` for a dead row.
    /// - Returns: the column under the new numbers.
    func merged(_ number: (UInt32) -> UInt32?) -> MetadataColumn {
        var additions: [(entry: MetadataEntry, row: UInt32)] = []
        for (row, entries) in changed {
            guard let row = number(row) else { continue }
            additions += entries.map { ($0, row) }
        }
        additions.sort { ($0.entry, $0.row) < ($1.entry, $1.row) }
        return MetadataColumn(
            lists.merged({ changed[$0] == nil ? number($0) : nil }, with: additions)
        )
    }

    private static func byteCount(of entries: [MetadataEntry]) -> Int {
        entries.reduce(32) { sum, entry in
            guard case .string(let bytes) = entry.scalar else { return sum + 24 }
            return sum + 56 + bytes.count
        }
    }
}
