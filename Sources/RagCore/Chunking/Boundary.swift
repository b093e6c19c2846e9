import Embedder

/// How good a place is for a chunk to end, worst first.
enum Boundary: UInt8, Comparable {
    /// Inside a word, between two characters.
    case character
    /// At white space.
    case word
    /// At a line break.
    case line
    /// After a sentence.
    case sentence
    /// At a blank line.
    case paragraph

    static func < (a: Boundary, b: Boundary) -> Bool {
        a.rawValue < b.rawValue
    }
}

extension Boundary {
    /// Judges the place between two tokens.
    ///
    /// - Parameters:
    ///   - bytes: the text.
    ///   - gap: what lies between the end of one token and the start of the next.
    init(_ bytes: Span<UInt8>, gap: Range<Int>) {
        var lineBreaks = 0
        var hasWhitespace = false
        var position = gap.lowerBound
        while position < gap.upperBound {
            let (scalar, byteCount) = bytes.decodeScalar(at: position)
            position += byteCount
            switch scalar {
            case "\r" where position < gap.upperBound && bytes[position] == UInt8(ascii: "\n"):
                break
            case "\u{c}", "\u{2029}": lineBreaks += 2
            case "\n", "\r", "\u{85}", "\u{2028}": lineBreaks += 1
            default: break
            }
            hasWhitespace = hasWhitespace || scalar.properties.isWhitespace
        }
        if lineBreaks >= 2 {
            self = .paragraph
        } else if Sentence.ends(bytes, at: gap.lowerBound, beforeWhitespace: hasWhitespace) {
            self = .sentence
        } else if lineBreaks == 1 {
            self = .line
        } else {
            self = hasWhitespace ? .word : .character
        }
    }
}
