/// What becomes of the matches of a pattern that splits a text: `behavior` in a tokenizer file.
package enum SplitBehavior: String, Sendable, CaseIterable {
    /// Matches are left out.
    case removed = "Removed"
    /// A match is a piece, and so is what is between two.
    case isolated = "Isolated"
    /// A match belongs to the piece before it.
    case mergedWithPrevious = "MergedWithPrevious"
    /// A match belongs to the piece behind it.
    case mergedWithNext = "MergedWithNext"
    /// Matches that follow each other are one piece.
    case contiguous = "Contiguous"

    /// Pieces of a text in the making, given matches and what is between them from left to right.
    struct Pieces {
        private let behavior: SplitBehavior
        private let startIndex: Int
        private var lastIsMatch = false
        private var hasEmpty = false

        /// Begins behind what `words` holds.
        init(_ behavior: SplitBehavior, after words: [Range<Int>]) {
            self.behavior = behavior
            startIndex = words.count
        }

        /// Adds a match, or what is between two, to the words.
        @inline(__always)
        mutating func append(_ range: Range<Int>, isMatch: Bool, to words: inout [Range<Int>]) {
            let joins =
                switch behavior {
                case .removed, .isolated: false
                case .mergedWithPrevious: isMatch && !lastIsMatch
                case .mergedWithNext: !isMatch && lastIsMatch
                case .contiguous: isMatch == lastIsMatch
                }
            lastIsMatch = isMatch
            if joins, words.count > startIndex {
                let last = words.count - 1
                words[last] = words[last].lowerBound..<range.upperBound
            } else if behavior != .removed || !isMatch {
                words.append(range)
                hasEmpty = hasEmpty || range.isEmpty
            }
        }

        /// Drops pieces without text, which matter to their neighbours only.
        func finish(_ words: inout [Range<Int>]) {
            guard hasEmpty else { return }
            let kept = words[startIndex...].filter { !$0.isEmpty }
            words.replaceSubrange(startIndex..., with: kept)
        }
    }
}
