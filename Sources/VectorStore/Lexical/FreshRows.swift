/// The postings of chunks that came of late, in a form that can be changed.
///
/// A value: a search takes copies of the lists of its words, which share their memory until the writer
/// changes them.
struct FreshRows: Sendable {
    /// A row that a word is in, and how often.
    struct Posting: Sendable, Equatable {
        var row: UInt32
        var count: UInt32
    }

    /// The chunk of each row, and how many words it has; a removed row stays, in no list.
    private(set) var keys: [ChunkKey] = []
    private(set) var lengths: [UInt32] = []
    private(set) var lists: [String: [Posting]] = [:]
    /// The live row of each chunk.
    private(set) var rows: [ChunkKey: UInt32] = [:]
    private var postingCount = 0

    /// The live rows, by chunk.
    var count: Int { rows.count }

    /// Bytes in memory: what is stored, and about what Swift's arrays and tables add.
    var byteCount: Int {
        keys.count * 12 + rows.count * 24 + lists.count * 96
            + postingCount * MemoryLayout<Posting>.stride * 3 / 2
    }

    /// Rows with a list each of their words.
    func isLive(_ row: UInt32) -> Bool { rows[keys[Int(row)]] == row }

    func contains(_ key: ChunkKey) -> Bool { rows[key] != nil }

    /// Adds a chunk that is not there.
    mutating func insert(_ key: ChunkKey, _ words: ChunkWords) {
        let row = UInt32(keys.count)
        precondition(rows.updateValue(row, forKey: key) == nil, "chunk \(key) is there already")
        keys.append(key)
        lengths.append(UInt32(clamping: words.length))
        for (word, count) in words.counts {
            lists[word, default: []].append(Posting(row: row, count: count))
        }
        postingCount += words.counts.count
    }

    /// Removes a chunk, and returns the length that it had; `nil` when it is not there.
    ///
    /// Without the words that it was inserted with, all lists are looked through.
    mutating func remove(_ key: ChunkKey, _ words: ChunkWords?) -> UInt32? {
        guard let row = rows.removeValue(forKey: key) else { return nil }
        let words = words.map { Array($0.counts.keys) } ?? Array(lists.keys)
        for word in words {
            guard let place = lists[word]?.firstIndex(ofRow: row) else { continue }
            lists[word]?.remove(at: place)
            postingCount -= 1
            if lists[word]?.isEmpty == true { lists[word] = nil }
        }
        return lengths[Int(row)]
    }
}

extension [FreshRows.Posting] {
    /// Where a row is, by a binary search.
    fileprivate func firstIndex(ofRow row: UInt32) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].row < row { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low].row == row ? low : nil
    }
}
