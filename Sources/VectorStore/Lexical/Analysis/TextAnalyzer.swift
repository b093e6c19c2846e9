import Foundation
import Kernels

/// Cuts texts into the words that a full-text index holds.
///
/// 1. Compatibility forms are composed (NFKC) and letters lowered.
/// 2. Letters, numbers and their marks make words; everything else separates them. Words are stemmed by
///    the language of their script, then lose their accents.
/// 3. Words joined by `_`, or by `-`, `.`, `/` or `:` where one of them has a digit, are an identifier
///    too, and found whole as well as by parts: `snake_case`, `ABC-123`, `10.0.0.1`.
/// 4. Runs of scripts without spaces (Han with Kana, Hangul, Thai, Lao, Khmer, Myanmar) become
///    overlapping pairs of characters, so that any two characters find where they stand; in texts each
///    character alone as well, for queries of one.
///
/// Thread safety: none; whoever makes one uses it on one thread at a time.
package final class TextAnalyzer {
    /// What words are for: a query of several characters needs no single ones.
    enum Purpose {
        case text, query
    }

    /// Longer words are cut: what is that long is not language.
    package static let wordByteCountMax = 128

    private static let queryByteCountMax = 1 << 20

    private let language: TextLanguage
    private let table = CharacterTable.shared
    /// By script; the outer `nil` for one that was not looked for yet.
    private var stemmers: [Stemmer??]

    package init(_ language: TextLanguage) {
        self.language = language
        stemmers = Array(repeating: .none, count: LetterScript.allCases.count)
    }

    /// The words of a chunk: those of its document's title, then its own.
    package func words(title: String?, text: String) -> ChunkWords {
        var counts: [String: UInt32] = [:]
        var length = 0
        for part in [title ?? "", text] {
            forEachWord(part, for: .text) { word, isExtra in
                counts[word, default: 0] += 1
                if !isExtra { length += 1 }
            }
        }
        return ChunkWords(counts: counts, length: length)
    }

    /// The different words of a query in their order, at most `countMax`.
    package func queryWords(_ text: String, countMax: Int) -> [String] {
        var words: [String] = []
        var seen: Set<String> = []
        // A bound on the work: the words that count come early in any text that people write.
        let text =
            text.utf8.count > Self.queryByteCountMax
            ? String(decoding: text.utf8.prefix(Self.queryByteCountMax), as: UTF8.self) : text
        forEachWord(text, for: .query) { word, _ in
            if words.count < countMax, seen.insert(word).inserted { words.append(word) }
        }
        return words
    }

    /// What an index of this language's words is marked with: another version of the stemmers that cuts
    /// words in another way gives another number, and then the index is made again.
    package static func fingerprint(_ language: TextLanguage) -> UInt32 {
        let analyzer = TextAnalyzer(language)
        var words = [language.rawValue]
        analyzer.forEachWord(sample, for: .text) { word, isExtra in
            words.append(isExtra ? "+" + word : word)
        }
        return CRC32C.checksum(Array(words.joined(separator: " ").utf8).span)
    }

    /// Endings that stemmers take off, in several languages, and everything that is cut by rule.
    private static let sample = """
        The relational hopefulness of generously organised running happily fishing skies dying news \
        Häuser Kategorien Freundlichkeit continuellement nationalités économiques rápidamente \
        corriendo nazionalmente velocemente meisjes lichamelijke flygplanen vackraste \
        talossammekin kitaplarımızdan házaikban книгами разговаривают βιβλία ανθρώπων كتابهم \
        लड़कियों நூல்களில் ABC-123 snake_case 10.0.0.1 e\u{301} ﬁne １２ 東京タワー 한국어 ภาษาไทย
        """

    // MARK: - Words

    /// Calls `take` with each word, and whether it is one beside those that make up the text's length:
    /// an identifier whose parts were given, or a single character of a run of them.
    private func forEachWord(_ text: String, for purpose: Purpose, _ take: (String, Bool) -> Void) {
        let isASCII = text.utf8.allSatisfy { $0 < 0x80 }
        let text = isASCII ? text : text.precomposedStringWithCompatibilityMapping
        var run = WordRun()
        var scalars = text.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            let kind = table.kind(of: scalar)
            switch kind {
            case .letter, .number:
                end(&run.characters, purpose, take)
                run.append(lowercase(scalar), isNumber: kind == .number)
            case .mark:
                if !run.characters.isEmpty {
                    run.characters.extendLast(scalar)
                } else if !run.word.isEmpty {
                    run.append(scalar, isNumber: false)
                }
            case .ignorable: break
            case .connector:
                end(&run.characters, purpose, take)
                endWord(&run, before: table.lowercase(scalar), take)
            case .separator:
                end(&run.characters, purpose, take)
                endIdentifier(&run, take)
            case .han, .hangul, .thai, .lao, .khmer, .myanmar:
                endIdentifier(&run, take)
                if run.characters.kind != kind { end(&run.characters, purpose, take) }
                run.characters.append(scalar, kind)
            }
        }
        end(&run.characters, purpose, take)
        endIdentifier(&run, take)
    }

    private func lowercase(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if language == .turkish {
            if scalar == "I" { return "ı" }
            if scalar == "İ" { return "i" }
        }
        return table.lowercase(scalar)
    }

    /// Ends a word at a connector, which may go on to another.
    private func endWord(
        _ run: inout WordRun,
        before connector: Unicode.Scalar,
        _ take: (String, Bool) -> Void
    ) {
        guard !run.word.isEmpty else { return endIdentifier(&run, take) }
        endPart(&run, take)
        run.identifier.append(UInt8(truncatingIfNeeded: connector.value))
        run.isJoined = run.isJoined || connector == "_"
    }

    /// Ends a word and the identifier that it is the last part of.
    private func endIdentifier(_ run: inout WordRun, _ take: (String, Bool) -> Void) {
        if !run.word.isEmpty {
            endPart(&run, take)
        } else if run.partCount > 0 {
            // A connector that led nowhere.
            run.identifier.removeLast()
        }
        if run.partCount > 1, run.isJoined || run.hasNumber,
            run.identifier.count <= Self.wordByteCountMax
        {
            take(withoutAccents(run.identifier), true)
        }
        run.startOver()
    }

    private func endPart(_ run: inout WordRun, _ take: (String, Bool) -> Void) {
        run.identifier += run.word
        run.partCount += 1
        if let first = run.first, !run.isNumeric {
            stemmer(of: LetterScript(first))?.stem(&run.word)
        }
        if run.isASCII || run.word.allSatisfy({ $0 < 0x80 }) {
            if run.word.count > Self.wordByteCountMax {
                run.word.removeLast(run.word.count - Self.wordByteCountMax)
            }
            take(String(decoding: run.word, as: UTF8.self), false)
        } else {
            let word = withoutAccents(run.word)
            if !word.isEmpty { take(word, false) }
        }
        run.endWord()
    }

    /// A word in UTF-8 without accents, cut to the longest.
    private func withoutAccents(_ word: [UInt8]) -> String {
        var folded = String.UnicodeScalarView()
        var byteCount = 0
        for scalar in String(decoding: word, as: UTF8.self).unicodeScalars {
            guard let base = table.withoutAccents(scalar) else { continue }
            let expansion: [Unicode.Scalar]
            switch base {
            case "ß": expansion = ["s", "s"]
            case "æ": expansion = ["a", "e"]
            case "œ": expansion = ["o", "e"]
            case "þ": expansion = ["t", "h"]
            default: expansion = [base]
            }
            for scalar in expansion {
                byteCount += UTF8.width(scalar)
                guard byteCount <= Self.wordByteCountMax else { return String(folded) }
                folded.append(scalar)
            }
        }
        return String(folded)
    }

    private func stemmer(of script: LetterScript) -> Stemmer? {
        if let known = stemmers[script.rawValue] { return known }
        let stemmer = language.stemmer(of: script).flatMap { Stemmer($0) }
        stemmers[script.rawValue] = .some(stemmer)
        return stemmer
    }

    // MARK: - Characters

    /// Ends a run of characters without spaces.
    private func end(
        _ run: inout CharacterRun,
        _ purpose: Purpose,
        _ take: (String, Bool) -> Void
    ) {
        guard !run.isEmpty else { return }
        let characters = run.characters
        if characters.count == 1 {
            take(characters[0], false)
        } else {
            for index in characters.indices {
                if purpose == .text { take(characters[index], true) }
                if index > 0 { take(characters[index - 1] + characters[index], false) }
            }
        }
        run = CharacterRun()
    }
}

/// The words read so far that may make up an identifier.
private struct WordRun {
    /// The word being read, lowered.
    var word: [UInt8] = []
    /// Its first character.
    var first: Unicode.Scalar?
    /// Whether it has numbers: then it is no word of a language.
    var isNumeric = false
    var isASCII = true

    /// The words before it with the connectors between.
    var identifier: [UInt8] = []
    var partCount = 0
    /// Whether a part has a number, and whether a connector always makes an identifier.
    var hasNumber = false
    var isJoined = false

    var characters = CharacterRun()

    mutating func append(_ scalar: Unicode.Scalar, isNumber: Bool) {
        if first == nil { first = scalar }
        if isNumber {
            isNumeric = true
            hasNumber = true
        }
        if scalar.isASCII {
            word.append(UInt8(truncatingIfNeeded: scalar.value))
        } else {
            isASCII = false
            word += Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }

    mutating func endWord() {
        word.removeAll(keepingCapacity: true)
        first = nil
        isNumeric = false
        isASCII = true
    }

    mutating func startOver() {
        endWord()
        identifier.removeAll(keepingCapacity: true)
        partCount = 0
        hasNumber = false
        isJoined = false
    }
}

/// A run of characters of a script without spaces, each with its marks.
private struct CharacterRun {
    var kind: CharacterTable.Kind?
    var characters: [String] = []

    var isEmpty: Bool { characters.isEmpty }

    mutating func append(_ scalar: Unicode.Scalar, _ kind: CharacterTable.Kind) {
        self.kind = kind
        characters.append(String(scalar))
    }

    mutating func extendLast(_ mark: Unicode.Scalar) {
        let last = characters.count - 1
        // Marks without end are no language, and must not make a word without end.
        guard characters[last].utf8.count < 32 else { return }
        characters[last].unicodeScalars.append(mark)
    }
}
