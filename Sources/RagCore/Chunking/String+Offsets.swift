extension String {
    /// The text whose UTF-8 bytes are `range`.
    func substring(_ range: Range<Int>) -> String {
        let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
        let end = utf8.index(start, offsetBy: range.count)
        return String(self[start..<end])
    }

    /// The UTF-8 offset in the middle of the text: between two characters if there are two, else
    /// between two scalars; nil when there is but one.
    var middleOffset: Int? {
        if let second = indices.dropFirst().first {
            let middle = index(startIndex, offsetBy: count / 2)
            return utf8.distance(from: startIndex, to: max(second, middle))
        }
        let scalars = unicodeScalars
        guard scalars.count > 1 else { return nil }
        let middle = scalars.index(startIndex, offsetBy: scalars.count / 2)
        return utf8.distance(from: startIndex, to: middle)
    }
}
