extension Segments {
    /// The segments from `start` that weigh at most `tokensMax`, at least one.
    func window(from start: Int, tokensMax: Int) -> Range<Int> {
        let limit = weights[start] + tokensMax
        // The number of elements that are not above the limit; the first is `start` itself.
        let end = weights[(start + 1)...].partitioningIndex { $0 > limit } - 1
        return start..<min(max(start + 1, end), count)
    }

    /// The best place to end a chunk that may reach to the end of `window`.
    ///
    /// - Parameter after: the place must lie behind this one when the window does.
    func bestEnd(in window: Range<Int>, after: Int, text: String) -> Int {
        guard window.upperBound < count else { return count }
        let middle = weights[window.lowerBound] + weight(window) / 2
        var lowest = window.upperBound
        while lowest - 1 > max(window.lowerBound, after), weights[lowest - 1] >= middle { lowest -= 1 }
        return best(in: Array((lowest...window.upperBound).reversed()), text: text)
            ?? window.upperBound
    }

    /// Where the next chunk starts so that it repeats at most `tokens` tokens of the one that ends
    /// before segment `end`.
    func overlapStart(in range: Range<Int>, end: Int, tokens: Int, text: String) -> Int {
        guard tokens > 0, !range.isEmpty else { return end }
        let earliest = weights[end] - tokens
        let latest = weights[end] - (tokens + 1) / 2
        var candidates: [Int] = []
        for index in range.reversed() {
            if weights[index] < earliest { break }
            if weights[index] <= latest { candidates.append(index) }
        }
        return best(in: candidates.reversed(), text: text) ?? end
    }

    /// The first candidate of the best kind that there is; nil when none lies between two characters.
    private func best(in candidates: [Int], text: String) -> Int? {
        guard let kind = candidates.map(boundary).max() else { return nil }
        if kind > .character { return candidates.first { boundary($0) == kind } }
        return candidates.first { text.isCharacterBoundary(starts[$0]) }
    }
}

extension String {
    /// The characters whose UTF-8 bytes are `range`.
    func substring(_ range: Range<Int>) -> String {
        let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
        let end = utf8.index(start, offsetBy: range.count)
        return String(self[start..<end])
    }

    /// Whether a character, as a reader sees it, starts at this UTF-8 offset.
    func isCharacterBoundary(_ offset: Int) -> Bool {
        String.Index(utf8.index(utf8.startIndex, offsetBy: offset), within: self) != nil
    }
}

extension ArraySlice {
    /// The index of the first element for which `isBehind` holds, given that it then holds for all
    /// that follow.
    fileprivate func partitioningIndex(where isBehind: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
