/// Walks a text once to tell which offsets lie between two characters, as a reader sees them.
///
/// Asking the text itself about one offset would look back as far as a run of flags or of combining
/// marks reaches, each time.
struct CharacterCursor {
    private let text: String
    private var index: String.Index

    init(_ text: String) {
        self.text = text
        index = text.startIndex
    }

    /// Whether a character starts at the UTF-8 offset, which is not less than any asked for before.
    mutating func startsCharacter(at offset: Int) -> Bool {
        let target = text.utf8.index(text.utf8.startIndex, offsetBy: offset)
        while index < target { index = text.index(after: index) }
        return index == target
    }

    /// Goes on from an offset that is known to be the start of a character.
    mutating func skip(to offset: Int) {
        let target = text.utf8.index(text.utf8.startIndex, offsetBy: offset)
        index = max(index, target)
    }

    /// The start of the last character that starts inside `range`; nil when none does.
    ///
    /// The cursor stops there, or behind the range.
    mutating func lastStart(in range: ClosedRange<Int>) -> Int? {
        let low = text.utf8.index(text.utf8.startIndex, offsetBy: range.lowerBound)
        let high = text.utf8.index(text.utf8.startIndex, offsetBy: range.upperBound)
        while index < low { index = text.index(after: index) }
        guard index <= high else { return nil }
        while index < high {
            let next = text.index(after: index)
            if next > high { break }
            index = next
        }
        return text.utf8.distance(from: text.utf8.startIndex, to: index)
    }
}
