extension Segments {
    /// The segments from `start` that weigh at most `tokensMax`, at least one.
    func window(from start: Int, tokensMax: Int) -> Range<Int> {
        let heavy = weights[(start + 1)...].partitioningIndex { $0 - weights[start] > tokensMax }
        let end = heavy - 1
        return start..<min(max(start + 1, end), count)
    }

    /// The best place to end a chunk that may reach to the end of `window`.
    ///
    /// - Parameters:
    ///   - window: segments that fit.
    ///   - after: the place lies behind this one, unless the whole window does not.
    /// - Returns: the segment before which the chunk ends.
    func bestEnd(in window: Range<Int>, after: Int) -> Int {
        guard window.upperBound < count else { return count }
        let middle = weights[window.lowerBound] + weight(window) / 2
        var lowest = window.upperBound
        while lowest - 1 > max(window.lowerBound, after), weights[lowest - 1] >= middle {
            lowest -= 1
        }
        return best(in: (lowest...window.upperBound).reversed()) ?? window.upperBound
    }

    /// Where the next chunk starts so that it repeats at most `tokens` tokens of the one that ends
    /// before segment `end`.
    func overlapStart(in range: Range<Int>, end: Int, tokens: Int) -> Int {
        guard tokens > 0, !range.isEmpty else { return end }
        let earliest = weights[end] - tokens
        let latest = weights[end] - (tokens + 1) / 2
        let far = range.reversed().prefix { weights[$0] >= earliest }
        let candidates = far.filter { weights[$0] <= latest }
        return best(in: candidates.reversed()) ?? end
    }

    /// The first candidate of the best kind that there is.
    private func best(in candidates: some Sequence<Int>) -> Int? {
        var best: Int?
        for candidate in candidates where best.map({ boundary(candidate) > boundary($0) }) ?? true {
            best = candidate
        }
        return best
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
