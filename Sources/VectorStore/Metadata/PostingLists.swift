import Kernels

/// The rows that have each scalar at one key: an inverted index that is never changed.
///
/// Lists lie back to back in the order of their scalars, those of array elements behind those of the same
/// scalar by itself. So whatever a comparison selects is a range of lists, and its rows are one slice.
/// About 4 bytes an entry and 12 a different number; strings once each. Thread safety: a value.
struct PostingLists: Sendable {
    private var rows: [UInt32] = []
    /// Where each list ends in `rows`.
    private var ends: [UInt32] = []
    /// Lists of array elements, a bit each.
    private var elements = RowSet(rowCount: 0)
    /// Where the lists of each kind end.
    private var kindEnds = [Int](repeating: 0, count: 5)
    /// The scalar of each list of bools and numbers: an integer, or the bits of a fraction.
    private var words: [Int64] = []
    /// Which of `words` are fractions.
    private var fractions: [UInt64] = []
    /// The strings of all lists of strings, and where each ends.
    private var bytes: [UInt8] = []
    private var stringEnds: [UInt32] = []
    /// The last list's entry, while lists are added.
    private var last: MetadataEntry?

    var listCount: Int { ends.count }
    var entryCount: Int { rows.count }

    var byteCount: Int {
        4 * (rows.capacity + ends.capacity + stringEnds.capacity) + bytes.capacity
            + 8 * (words.capacity + fractions.capacity) + elements.byteCount
    }

    // MARK: - Making

    /// Adds a row to the list of `entry`.
    ///
    /// - Returns: false, and nothing is changed, when `entry` sorts before the last one.
    mutating func append(_ entry: MetadataEntry, row: UInt32) -> Bool {
        if entry != last {
            guard last.map({ $0 < entry }) ?? true else { return false }
            begin(entry)
        }
        rows.append(row)
        ends[ends.count - 1] += 1
        return true
    }

    /// Gives back the room that was kept for more.
    mutating func finish() {
        last = nil
        Self.trim(&rows)
        Self.trim(&ends)
        Self.trim(&words)
        Self.trim(&bytes)
        Self.trim(&stringEnds)
    }

    private static func trim<Element>(_ elements: inout [Element]) {
        guard elements.capacity > elements.count else { return }
        var trimmed: [Element] = []
        trimmed.reserveCapacity(elements.count)
        trimmed += elements
        elements = trimmed
    }

    private mutating func begin(_ entry: MetadataEntry) {
        last = entry
        ends.append(UInt32(rows.count))
        elements.append()
        if !entry.isElement { elements.remove(UInt32(listCount - 1)) }
        switch entry.scalar {
        case .null, .container: break
        case .bool(let value): append(word: value ? 1 : 0, isFraction: false)
        case .number(.integer(let value)): append(word: value, isFraction: false)
        case .number(.fraction(let value)):
            append(word: Int64(bitPattern: value.bitPattern), isFraction: true)
        case .string(let string):
            bytes += string
            stringEnds.append(UInt32(bytes.count))
        }
        for kind in Int(entry.scalar.kind.rawValue)..<kindEnds.count { kindEnds[kind] = listCount }
    }

    private mutating func append(word: Int64, isFraction: Bool) {
        if words.count & 63 == 0 { fractions.append(0) }
        if isFraction { fractions[words.count >> 6] |= 1 << UInt64(words.count & 63) }
        words.append(word)
    }

    // MARK: - Reading

    /// The lists of one kind.
    func lists(of kind: MetadataRows.Kind) -> Range<Int> {
        let place = Int(kind.rawValue)
        return (place == 0 ? 0 : kindEnds[place - 1])..<kindEnds[place]
    }

    /// The lists of a scalar: none, one, or two, the second of array elements.
    func lists(of scalar: MetadataScalar) -> Range<Int> {
        firstList(notBelow: scalar)..<firstList(above: scalar)
    }

    /// The first list whose scalar is not less, of those of its kind.
    func firstList(notBelow scalar: MetadataScalar) -> Int {
        lowerBound(lists(of: scalar.kind)) { $0 < scalar }
    }

    /// The first list whose scalar is greater, of those of its kind.
    func firstList(above scalar: MetadataScalar) -> Int {
        lowerBound(lists(of: scalar.kind)) { $0 <= scalar }
    }

    /// The rows of neighbouring lists; a row may be there more than once.
    func rows(of lists: Range<Int>) -> ArraySlice<UInt32> {
        guard !lists.isEmpty else { return [] }
        return rows[start(of: lists.lowerBound)..<Int(ends[lists.upperBound - 1])]
    }

    /// Whether a list is one of array elements.
    func isElement(list: Int) -> Bool {
        elements.contains(UInt32(list))
    }

    /// The lists of strings that have `part` in them, empty ones included when it is empty.
    func lists(containing part: [UInt8]) -> [Int] {
        let strings = lists(of: .string)
        guard !part.isEmpty else { return Array(strings) }
        let search = ByteSearch(part, like: bytes)
        var found: [Int] = []
        var place = 0
        var string = 0
        while let start = search.first(in: bytes, from: place) {
            while stringEnds[string] <= UInt32(start) { string += 1 }
            let end = Int(stringEnds[string])
            if start + part.count <= end {
                found.append(strings.lowerBound + string)
                place = end
            } else {
                // Across a border: another may begin in between.
                place = start + 1
            }
        }
        return found
    }

    /// The entry of a list.
    func entry(ofList list: Int) -> MetadataEntry {
        MetadataEntry(scalar: scalar(ofList: list), isElement: isElement(list: list))
    }

    private func scalar(ofList list: Int) -> MetadataScalar {
        if list < kindEnds[0] { return .null }
        if list >= kindEnds[3] { return .container }
        if list >= kindEnds[2] {
            let string = list - kindEnds[2]
            let start = string == 0 ? 0 : Int(stringEnds[string - 1])
            return .string(Array(bytes[start..<Int(stringEnds[string])]))
        }
        let place = list - kindEnds[0]
        if list < kindEnds[1] { return .bool(words[place] == 1) }
        let isFraction = fractions[place >> 6] >> UInt64(place & 63) & 1 == 1
        return .number(
            isFraction
                ? .fraction(Double(bitPattern: UInt64(bitPattern: words[place])))
                : .integer(words[place])
        )
    }

    private func start(of list: Int) -> Int {
        list == 0 ? 0 : Int(ends[list - 1])
    }

    private func lowerBound(
        _ lists: Range<Int>,
        _ isBefore: (MetadataScalar) -> Bool
    ) -> Int {
        Self.partition(lists) { isBefore(scalar(ofList: $0)) }
    }

    /// The first place for which `isBefore` does not hold; it holds for all before.
    private static func partition(_ places: Range<Int>, _ isBefore: (Int) -> Bool) -> Int {
        var low = places.lowerBound
        var high = places.upperBound
        while low < high {
            let middle = (low + high) / 2
            if isBefore(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension PostingLists {
    /// These lists with some rows left out or numbered anew, and others added.
    ///
    /// - Parameters:
    ///   - number: a row's new number, in the order of the old ones; `nil` to leave it out.
    ///   - additions: in the order of their entries.
    /// - Returns: the new lists.
    func merged(
        _ number: (UInt32) -> UInt32?,
        with additions: [(entry: MetadataEntry, row: UInt32)]
    ) -> PostingLists {
        var merged = PostingLists()
        var added = 0
        func append(_ entry: MetadataEntry, _ row: UInt32) {
            let isAppended = merged.append(entry, row: row)
            precondition(isAppended, "entries ascend on both sides")
        }
        for list in 0..<listCount {
            let entry = entry(ofList: list)
            while added < additions.count, additions[added].entry < entry {
                append(additions[added].entry, additions[added].row)
                added += 1
            }
            for row in rows(of: list..<list + 1) {
                if let row = number(row) { append(entry, row) }
            }
        }
        for addition in additions[added...] { append(addition.entry, addition.row) }
        merged.finish()
        return merged
    }
}
