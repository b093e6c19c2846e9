import Foundation

/// What a character is to the words of a text, and what it is folded to.
struct CharacterTable: Sendable {
    /// What a character does to a word.
    enum Kind: UInt8 {
        /// Ends it.
        case separator
        /// Is part of it: a letter.
        case letter
        /// Is part of it: a number.
        case number
        /// Is part of it unless it comes first: accents and vowel signs.
        case mark
        /// Is as if it were not there: joiners, soft hyphens, variation selectors.
        case ignorable
        /// Joins two words to one identifier when it stands alone between them.
        case connector
        /// A character of a script without spaces: Han and Kana, and the others each by itself.
        case han, hangul, thai, lao, khmer, myanmar
    }

    /// One table for everybody: made once, in about ten milliseconds.
    static let shared = CharacterTable()

    /// Kind in the upper eight bits, lower case below; for the first plane.
    private var entries: [UInt32]
    /// Letters of Latin, Greek and Cyrillic without their accents, below 0x2000.
    private var bases: [UInt16]

    private init() {
        entries = (0..<0x1_0000).map { value in
            guard let scalar = Unicode.Scalar(UInt32(value)) else { return 0 }
            return UInt32(Self.kind(of: scalar).rawValue) << 24 | Self.lowercase(scalar)
        }
        bases = (0..<0x2000).map { value in
            Unicode.Scalar(UInt32(value)).map { UInt16(Self.base(of: $0).value) } ?? 0
        }
    }

    /// What a character is.
    func kind(of scalar: Unicode.Scalar) -> Kind {
        guard scalar.value < 0x1_0000 else { return Self.kind(of: scalar) }
        return Kind(rawValue: UInt8(entries[Int(scalar.value)] >> 24)) ?? .separator
    }

    /// A character in lower case, where that is one character.
    func lowercase(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let value =
            scalar.value < 0x1_0000
            ? entries[Int(scalar.value)] & 0xFF_FFFF : Self.lowercase(scalar)
        return Unicode.Scalar(value) ?? scalar
    }

    /// A letter of Latin, Greek or Cyrillic without its accents; `nil` for an accent by itself.
    func withoutAccents(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar.value {
        case 0x300...0x36F: nil
        case 0..<0x2000: Unicode.Scalar(bases[Int(scalar.value)]) ?? scalar
        default: scalar
        }
    }

    // MARK: - Making

    private static func kind(of scalar: Unicode.Scalar) -> Kind {
        switch scalar.value {
        case 0x2D, 0x2E, 0x2F, 0x3A, 0x5F, 0x2010: return .connector
        case 0xAD, 0x200C, 0x200D, 0x2060, 0xFE00...0xFE0F, 0xFEFF, 0xE0100...0xE01EF:
            return .ignorable
        default: break
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .privateUse:
            return spaceless(scalar) ?? .letter
        case .decimalNumber, .letterNumber, .otherNumber: return spaceless(scalar) ?? .number
        case .nonspacingMark, .spacingMark, .enclosingMark: return .mark
        default: return .separator
        }
    }

    /// The kind of a letter whose script has no spaces between words; of Hangul it has, between groups
    /// of them.
    private static func spaceless(_ scalar: Unicode.Scalar) -> Kind? {
        switch scalar.value {
        case 0x3005...0x3007, 0x3021...0x3029, 0x3031...0x3035, 0x3041...0x30FF, 0x31F0...0x31FF,
            0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x1B000...0x1B16F,
            0x20000...0x323AF:
            .han
        case 0x1100...0x11FF, 0x3130...0x318F, 0xA960...0xA97F, 0xAC00...0xD7FF: .hangul
        case 0x0E00...0x0E7F: .thai
        case 0x0E80...0x0EFF: .lao
        case 0x1780...0x17FF: .khmer
        case 0x1000...0x109F, 0xA9E0...0xA9FF, 0xAA60...0xAA7F: .myanmar
        default: nil
        }
    }

    private static func lowercase(_ scalar: Unicode.Scalar) -> UInt32 {
        // The hyphen that does not look like one in a search box.
        if scalar.value == 0x2010 { return 0x2D }
        let lower = scalar.properties.lowercaseMapping.unicodeScalars
        return lower.count == 1 ? lower.first?.value ?? scalar.value : scalar.value
    }

    private static func base(of scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar {
        // Letters of their own that typists without the key write as these.
        case "ø": return "o"
        case "đ", "ð": return "d"
        case "ł": return "l"
        case "ħ": return "h"
        case "ı": return "i"
        case "ς": return "σ"
        // A letter of its own that nobody writes as the one it decomposes to.
        case "й": return scalar
        default: break
        }
        switch scalar.value {
        case 0xC0...0x24F, 0x370...0x4FF, 0x1E00...0x1FFF:
            let parts = String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars
            let isAccented = parts.dropFirst().allSatisfy {
                $0.properties.generalCategory == .nonspacingMark
            }
            return isAccented ? parts.first ?? scalar : scalar
        default: return scalar
        }
    }
}
