/// Translates what stands in `(?i:…)`, where case does not count.
///
/// Oniguruma folds some pairs of letters to one character and back (`ss` and U+00DF, `st` and U+FB06),
/// PCRE2 none. So only what contractions are written with is taken: letters of ASCII and apostrophes,
/// alternatives of them, and classes of such letters.
enum FoldedPattern {
    private static let pairs: Set<String> = ["ff", "fi", "fl", "ss", "st"]

    /// Reads behind the colon, up to the closing parenthesis and past it.
    static func translate(_ source: inout PatternSource) throws(PatternRefusal) -> String {
        var output = ""
        var previous: Unicode.Scalar?
        while true {
            let scalar = try source.next()
            switch scalar {
            case ")": return output
            case "|":
                output += "|"
                previous = nil
            case "'", "\u{2019}":
                output += PatternTranslation.literal(scalar)
                previous = nil
            case "[":
                output += try letters(&source)
                previous = nil
            default:
                guard let letter = lowercase(scalar) else { throw refusal(scalar) }
                if let previous, pairs.contains("\(previous)\(letter)") {
                    throw PatternRefusal("\(previous)\(letter), where case does not count")
                }
                output += PatternTranslation.literal(scalar)
                previous = letter
            }
            if let next = source.peek(), "*+?{".unicodeScalars.contains(next) {
                throw refusal(next)
            }
        }
    }

    private static func letters(_ source: inout PatternSource) throws(PatternRefusal) -> String {
        let letters = try source.text(upTo: "]").unicodeScalars
        guard !letters.isEmpty else { throw PatternRefusal("an empty class") }
        for letter in letters where lowercase(letter) == nil { throw refusal(letter) }
        return "[" + String(letters) + "]"
    }

    private static func lowercase(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar {
        case "a"..."z": scalar
        case "A"..."Z": Unicode.Scalar(UInt8(scalar.value) | 0x20)
        default: nil
        }
    }

    private static func refusal(_ scalar: Unicode.Scalar) -> PatternRefusal {
        PatternRefusal("\(scalar.description.debugDescription), where case does not count")
    }
}
