/// What the BERT pipeline asks about a Unicode scalar.
///
/// The answers are those of the `tokenizers` library, whose tables are of three ages: general
/// categories of Unicode 8, canonical decompositions and combining classes of Unicode 9, white space
/// and lower case of the present. A scalar that is younger than a table is unassigned in it, so the
/// standard library's properties answer for all three once the scalar's age is looked at too. The few
/// scalars whose category changed since Unicode 8 are listed.
struct ScalarTraits: OptionSet, Sendable {
    let rawValue: UInt8

    /// A control, format or private-use character, NUL or U+FFFD: `clean_text` removes it.
    static let removed = ScalarTraits(rawValue: 1 << 0)
    /// White space: `clean_text` turns it into a space, and words end at it.
    static let whitespace = ScalarTraits(rawValue: 1 << 1)
    /// Punctuation, ASCII symbols among it: a word of its own.
    static let punctuation = ScalarTraits(rawValue: 1 << 2)
    /// A non-spacing mark: `strip_accents` removes it.
    static let nonspacingMark = ScalarTraits(rawValue: 1 << 3)
    /// In one of the blocks of Chinese ideographs: `handle_chinese_chars` puts spaces around it.
    static let ideograph = ScalarTraits(rawValue: 1 << 4)
    /// It may have a canonical decomposition.
    static let decomposes = ScalarTraits(rawValue: 1 << 5)
    /// It has a canonical combining class other than zero.
    static let reorders = ScalarTraits(rawValue: 1 << 6)
    /// It may have a lower-case mapping.
    static let lowercases = ScalarTraits(rawValue: 1 << 7)
}

extension ScalarTraits {
    /// Works the traits out of the scalar's properties.
    init(computing scalar: Unicode.Scalar) {
        let properties = scalar.properties
        var traits: ScalarTraits = []
        if properties.isWhitespace { traits.insert(.whitespace) }
        if Self.isIdeograph(scalar) { traits.insert(.ideograph) }
        if CanonicalDecomposition.mayChange(scalar) { traits.insert(.decomposes) }
        if CanonicalDecomposition.combiningClass(of: scalar) != 0 { traits.insert(.reorders) }
        if properties.changesWhenLowercased { traits.insert(.lowercases) }
        traits.formUnion(Self.categoryTraits(of: scalar))
        self = traits
    }

    private static func categoryTraits(of scalar: Unicode.Scalar) -> ScalarTraits {
        switch scalar.value {
        case 0x9, 0xa, 0xd: return []
        case 0, 0xfffd: return .removed
        case 0x21...0x2f, 0x3a...0x40, 0x5b...0x60, 0x7b...0x7e: return .punctuation
        // Changed since Unicode 8: punctuation then, now a symbol and a mark.
        case 0x166d, 0x111c9: return .punctuation
        // Non-spacing marks then, now spacing.
        case 0x1734, 0x1171e: return .nonspacingMark
        // Letters and a spacing mark then, now non-spacing marks.
        case 0x1885, 0x1886, 0xa9bd: return []
        default: break
        }
        let traits: ScalarTraits
        switch scalar.properties.generalCategory {
        case .control, .format, .privateUse, .surrogate:
            traits = .removed
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
            .initialPunctuation, .finalPunctuation, .otherPunctuation:
            traits = .punctuation
        case .nonspacingMark:
            traits = .nonspacingMark
        default:
            return []
        }
        return scalar.isAssigned(inUnicode: 8) ? traits : []
    }

    private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3400...0x4dbf, 0x4e00...0x9fff, 0xf900...0xfaff, 0x2_0000...0x2_a6df,
            0x2_a700...0x2_b81f, 0x2_b920...0x2_ceaf, 0x2_f800...0x2_fa1f:
            true
        default:
            false
        }
    }
}

extension Unicode.Scalar {
    /// Whether the scalar had been assigned by Unicode `major`.0.
    func isAssigned(inUnicode major: Int) -> Bool {
        guard let age = properties.age else { return false }
        return age.major < major || (age.major == major && age.minor == 0)
    }
}
