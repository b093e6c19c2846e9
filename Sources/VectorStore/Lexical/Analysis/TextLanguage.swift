/// The language whose rules of stemming a collection's words follow.
///
/// It says how words of the language's own script are shortened to stems. Words of other scripts follow
/// the script: Cyrillic is taken for Russian, Greek for Greek, Arabic, Armenian and Tamil for
/// themselves, Devanagari for Hindi, and Latin for English. Scripts without spaces between words are
/// cut into overlapping pairs whatever the language is.
public enum TextLanguage: String, Sendable, Hashable, Codable, CaseIterable {
    /// No stemming in any script: words match as they are spelt, but for case and accents.
    case none
    /// Porter's first stemmer of English for Latin letters, nothing for other scripts: what
    /// collections have that were made before there was a choice.
    case porter
    /// Porter's second stemmer of English; the default of new collections.
    case english
    case arabic, armenian, basque, catalan, danish, dutch, finnish, french, german, greek, hindi
    case hungarian, indonesian, irish, italian, lithuanian, nepali, norwegian, portuguese, romanian
    case russian, serbian, spanish, swedish, tamil, turkish, yiddish

    /// The stemmer of words of a script, by its name in Snowball; `nil` for none.
    func stemmer(of script: LetterScript) -> String? {
        switch self {
        case .none: return nil
        case .porter: return script == .latin ? "porter" : nil
        default: return scripts.contains(script) ? rawValue : script.stemmer
        }
    }

    /// The scripts that the language is written in.
    private var scripts: [LetterScript] {
        switch self {
        case .arabic: [.arabic]
        case .armenian: [.armenian]
        case .greek: [.greek]
        case .hindi, .nepali: [.devanagari]
        case .russian: [.cyrillic]
        case .serbian: [.cyrillic, .latin]
        case .tamil: [.tamil]
        case .yiddish: [.hebrew]
        default: [.latin]
        }
    }
}

/// Scripts of which words are stemmed.
enum LetterScript: Int, CaseIterable {
    case latin, greek, cyrillic, armenian, hebrew, arabic, devanagari, tamil, other

    /// The script of a letter.
    init(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x41...0x24F, 0x1E00...0x1EFF: self = .latin
        case 0x370...0x3FF, 0x1F00...0x1FFF: self = .greek
        case 0x400...0x52F: self = .cyrillic
        case 0x530...0x58F: self = .armenian
        case 0x590...0x5FF: self = .hebrew
        case 0x600...0x6FF, 0x750...0x77F, 0x8A0...0x8FF: self = .arabic
        case 0x900...0x97F: self = .devanagari
        case 0xB80...0xBFF: self = .tamil
        default: self = .other
        }
    }

    /// The stemmer of words of this script in a collection of another script's language.
    var stemmer: String? {
        switch self {
        case .latin: "english"
        case .greek: "greek"
        case .cyrillic: "russian"
        case .armenian: "armenian"
        case .arabic: "arabic"
        case .devanagari: "hindi"
        case .tamil: "tamil"
        case .hebrew, .other: nil
        }
    }
}
