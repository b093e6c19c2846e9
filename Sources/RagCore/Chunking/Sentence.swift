import Embedder

/// Tells where a sentence ends, by simple rules that need no language.
enum Sentence {
    /// Words that end in a full stop in the middle of a sentence, in lower case without the stop.
    private static let abbreviations: Set<String> = [
        "al", "approx", "cf", "ch", "co", "corp", "dept", "dr", "ed", "eds", "eq", "eqs", "esp",
        "etc", "fig", "figs", "inc", "jr", "ltd", "mr", "mrs", "ms", "no", "nos", "pp", "prof",
        "ref", "refs", "resp", "sec", "sr", "st", "viz", "vol", "vs",
    ]

    /// The longest word that is looked at before a full stop.
    private static let wordLengthMax = 8

    /// Whether a sentence ends before `position`.
    ///
    /// It does after `.`, `!`, `?` or `…`, closing quotes and brackets passed over, when white space or
    /// the end of the text follows; and after the full-width `。`, `！` and `？` in any case. A full stop
    /// after a single capital letter, an abbreviation, or a word with a stop inside (`e.g.`, `U.S.`)
    /// ends none.
    static func ends(_ bytes: Span<UInt8>, at position: Int, beforeWhitespace: Bool) -> Bool {
        var end = position
        // More closing marks than these are not prose.
        for _ in 0..<4 {
            guard let last = bytes.decodeScalar(before: end) else { return false }
            end -= last.byteCount
            switch last.scalar {
            case "\"", "'", ")", "]", "}", "”", "’", "»", "›", "」", "』", "）", "】", "》": continue
            case "。", "！", "？": return true
            case "!", "?", "…": return beforeWhitespace
            case ".": return beforeWhitespace && !abbreviates(bytes, before: end)
            default: return false
            }
        }
        return false
    }

    /// Whether the full stop at `position` belongs to the word before it.
    private static func abbreviates(_ bytes: Span<UInt8>, before position: Int) -> Bool {
        var word = ""
        var start = position
        while let before = bytes.decodeScalar(before: start), word.utf8.count <= wordLengthMax {
            if before.scalar == "." { return !word.isEmpty }
            guard before.scalar.properties.isAlphabetic else { break }
            word.unicodeScalars.insert(before.scalar, at: word.startIndex)
            start -= before.byteCount
        }
        if word.unicodeScalars.count == 1, word.unicodeScalars.allSatisfy(\.properties.isUppercase)
        {
            return true
        }
        return abbreviations.contains(word.lowercased())
    }
}
