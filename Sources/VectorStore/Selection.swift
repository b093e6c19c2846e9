/// A set of chunks with an exact count: what a filter selected.
///
/// A bitmap in pages of 4,096 consecutive keys, so memory follows the number of selected
/// neighbourhoods and not the range of keys. Thread safety: a value.
public struct Selection: Sendable, Equatable {
    /// How many chunks are selected.
    public private(set) var count = 0

    /// `pageNumbers[i]` is the number of the page whose words start at `words[64 * i]`; ascending.
    private var pageNumbers: [Int64] = []
    private var words: [UInt64] = []

    private static let wordsPerPage = 64

    /// Selects `keys`, which have to ascend; a repeated key counts once.
    package init(ascending keys: some Sequence<ChunkKey>) {
        for key in keys {
            insert(key)
        }
    }

    /// Whether `key` is selected: a binary search over pages, then one bit.
    package func contains(_ key: ChunkKey) -> Bool {
        let number = key >> 12
        var low = 0
        var high = pageNumbers.count
        while low < high {
            let middle = (low + high) / 2
            if pageNumbers[middle] < number {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < pageNumbers.count, pageNumbers[low] == number else { return false }
        let (word, bit) = Self.place(of: key, page: low)
        return words[word] & bit != 0
    }

    /// The selected keys, ascending.
    package var keys: [ChunkKey] {
        var keys: [ChunkKey] = []
        keys.reserveCapacity(count)
        for (page, number) in pageNumbers.enumerated() {
            for word in 0..<Self.wordsPerPage {
                var bits = words[page * Self.wordsPerPage + word]
                while bits != 0 {
                    keys.append(number << 12 | Int64(word << 6 | bits.trailingZeroBitCount))
                    bits &= bits - 1
                }
            }
        }
        return keys
    }

    private mutating func insert(_ key: ChunkKey) {
        let number = key >> 12
        if pageNumbers.last != number {
            precondition((pageNumbers.last ?? .min) < number, "key \(key) is not in order")
            pageNumbers.append(number)
            words.append(contentsOf: repeatElement(0, count: Self.wordsPerPage))
        }
        let (word, bit) = Self.place(of: key, page: pageNumbers.count - 1)
        if words[word] & bit == 0 {
            words[word] |= bit
            count += 1
        }
    }

    private static func place(of key: ChunkKey, page: Int) -> (word: Int, bit: UInt64) {
        let offset = Int(key & 4_095)
        return (page * wordsPerPage + offset >> 6, 1 << UInt64(offset & 63))
    }
}
