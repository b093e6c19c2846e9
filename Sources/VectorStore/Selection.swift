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

    /// Selects nothing.
    init() {}

    /// Selects `keys`, which have to ascend; a repeated key counts once.
    package init(ascending keys: some Sequence<ChunkKey>) {
        for key in keys {
            insert(key)
        }
    }

    /// Whether `key` is selected: a binary search over pages, then one bit.
    package func contains(_ key: ChunkKey) -> Bool {
        guard let page = page(key >> 12) else { return false }
        let (word, bit) = Self.place(of: key, page: page)
        return words[word] & bit != 0
    }

    /// Where a look-up was, to begin the next one there: neighbouring keys are on the same page.
    struct Page {
        fileprivate var place = 0
    }

    /// Whether `key` is selected, faster when it is near the key before.
    func contains(_ key: ChunkKey, near page: inout Page) -> Bool {
        let number = key >> 12
        if page.place >= pageNumbers.count || pageNumbers[page.place] != number {
            guard let place = self.page(number) else { return false }
            page.place = place
        }
        let (word, bit) = Self.place(of: key, page: page.place)
        return words[word] & bit != 0
    }

    /// Calls `body` with every group of 64 keys of which some are selected, ascending: key / 64, and a bit a
    /// key.
    func forEachWord(_ body: (_ number: Int64, _ word: UInt64) -> Void) {
        for (page, number) in pageNumbers.enumerated() {
            for word in 0..<Self.wordsPerPage {
                let bits = words[page * Self.wordsPerPage + word]
                if bits != 0 { body(number << 6 | Int64(word), bits) }
            }
        }
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

    /// Adds the keys of a range, which lies behind all others.
    mutating func insert(_ keys: Range<ChunkKey>) {
        var first = keys.lowerBound
        while first < keys.upperBound {
            // As many as the word of the first one has.
            let last = min(first | 63, keys.upperBound - 1)
            openPage(of: first)
            let (word, _) = Self.place(of: first, page: pageNumbers.count - 1)
            let run = UInt64.max >> UInt64(63 - (last - first))
            words[word] |= run << UInt64(first & 63)
            count += Int(last - first + 1)
            first = last + 1
        }
    }

    private mutating func insert(_ key: ChunkKey) {
        openPage(of: key)
        let (word, bit) = Self.place(of: key, page: pageNumbers.count - 1)
        if words[word] & bit == 0 {
            words[word] |= bit
            count += 1
        }
    }

    /// Where a page is.
    private func page(_ number: Int64) -> Int? {
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
        return low < pageNumbers.count && pageNumbers[low] == number ? low : nil
    }

    /// Makes the page of a key the last one.
    private mutating func openPage(of key: ChunkKey) {
        let number = key >> 12
        guard pageNumbers.last != number else { return }
        precondition((pageNumbers.last ?? .min) < number, "key \(key) is not in order")
        pageNumbers.append(number)
        words.append(contentsOf: repeatElement(0, count: Self.wordsPerPage))
    }

    private static func place(of key: ChunkKey, page: Int) -> (word: Int, bit: UInt64) {
        let offset = Int(key & 4_095)
        return (page * wordsPerPage + offset >> 6, 1 << UInt64(offset & 63))
    }
}
