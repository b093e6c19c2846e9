/// The slots of the live keys: a sorted table of pages of 64 consecutive keys.
///
/// Keys are handed out in ascending order and lie close together, so that a key costs little more than the
/// four bytes of its slot, a fifth of a dictionary's; at worst, keys far from each other, it costs a page.
/// What a search gains is `slots(of:)`: the slots of a selection, word by word.
///
/// Thread safety: a value; a copy shares its memory until the next change.
package struct SlotDirectory: Sendable {
    /// How many keys there are.
    package private(set) var count = 0

    /// The pages that exist: key >> 6, ascending.
    private var pageNumbers: [Int64] = []
    /// Where the slots of each page begin in `slots`, in pages.
    private var places: [UInt32] = []
    private var slots: [Slot] = []
    /// Places that pages have left.
    private var freePlaces: [UInt32] = []

    private static let none = Slot.max
    private static let pageCount = 64

    /// Bytes in use.
    package var byteCount: Int {
        slots.capacity * MemoryLayout<Slot>.stride + pageNumbers.capacity * 8
            + (places.capacity + freePlaces.capacity) * 4
    }

    /// Makes room for `count` keys that lie together.
    mutating func reserveCapacity(_ count: Int) {
        slots.reserveCapacity(count + Self.pageCount)
    }

    package init() {}

    /// The slot of a key.
    package subscript(key: ChunkKey) -> Slot? {
        let page = page(notBelow: key >> 6)
        guard page < pageNumbers.count, pageNumbers[page] == key >> 6 else { return nil }
        let slot = slots[index(of: key, page: page)]
        return slot == Self.none ? nil : slot
    }

    /// Sets the slot of a key, and returns the one that it had.
    package mutating func updateValue(_ slot: Slot, forKey key: ChunkKey) -> Slot? {
        let page = page(notBelow: key >> 6)
        if page == pageNumbers.count || pageNumbers[page] != key >> 6 {
            insertPage(key >> 6, at: page)
        }
        let index = index(of: key, page: page)
        let former = slots[index]
        slots[index] = slot
        guard former == Self.none else { return former }
        count += 1
        return nil
    }

    /// Forgets a key, and returns its slot.
    package mutating func removeValue(forKey key: ChunkKey) -> Slot? {
        let page = page(notBelow: key >> 6)
        guard page < pageNumbers.count, pageNumbers[page] == key >> 6 else { return nil }
        let index = index(of: key, page: page)
        let former = slots[index]
        guard former != Self.none else { return nil }
        slots[index] = Self.none
        count -= 1
        let first = Int(places[page]) * Self.pageCount
        if slots[first..<first + Self.pageCount].allSatisfy({ $0 == Self.none }) {
            freePlaces.append(places.remove(at: page))
            pageNumbers.remove(at: page)
        }
        return former
    }

    /// The slots of the selected keys that there are, in the order of the keys.
    package func slots(of selection: Selection) -> [Slot] {
        var found: [Slot] = []
        found.reserveCapacity(min(count, selection.count))
        var page = 0
        selection.forEachWord { number, word in
            if page < pageNumbers.count, pageNumbers[page] < number {
                page += 1
                // The next page but for gaps.
                if page < pageNumbers.count, pageNumbers[page] < number {
                    page = self.page(notBelow: number)
                }
            }
            guard page < pageNumbers.count, pageNumbers[page] == number else { return }
            let first = Int(places[page]) * Self.pageCount
            var word = word
            while word != 0 {
                let slot = slots[first + word.trailingZeroBitCount]
                if slot != Self.none { found.append(slot) }
                word &= word - 1
            }
        }
        return found
    }

    private mutating func insertPage(_ number: Int64, at page: Int) {
        let place: UInt32
        if let free = freePlaces.popLast() {
            place = free
        } else {
            place = UInt32(slots.count / Self.pageCount)
            slots.append(contentsOf: repeatElement(Self.none, count: Self.pageCount))
        }
        pageNumbers.insert(number, at: page)
        places.insert(place, at: page)
    }

    private func index(of key: ChunkKey, page: Int) -> Int {
        Int(places[page]) * Self.pageCount + Int(key & 63)
    }

    /// The first page whose number is not less.
    private func page(notBelow number: Int64) -> Int {
        guard let first = pageNumbers.first, let last = pageNumbers.last, number > first else {
            return 0
        }
        guard number <= last else { return pageNumbers.count }
        // Where it is when there are no gaps.
        let guess = number.subtractingReportingOverflow(first)
        if !guess.overflow, guess.partialValue < pageNumbers.count,
            pageNumbers[Int(guess.partialValue)] == number
        {
            return Int(guess.partialValue)
        }
        var low = 0
        var high = pageNumbers.count
        while low < high {
            let middle = (low + high) / 2
            if pageNumbers[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
