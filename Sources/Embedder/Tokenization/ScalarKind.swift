/// What the word pattern of byte-level tokenizers asks about a Unicode scalar.
enum ScalarKind: UInt8, Sendable {
    /// `\p{L}`.
    case letter
    /// `\p{N}`.
    case number
    /// A carriage return or a line feed.
    case lineEnd
    /// `\s`, line ends aside.
    case space
    /// Anything else, marks and controls too.
    case symbol

    /// Works the kind out of the scalar's properties.
    init(computing scalar: Unicode.Scalar) {
        let properties = scalar.properties
        switch scalar.referenceCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            self = .letter
        case .decimalNumber, .letterNumber, .otherNumber:
            self = .number
        default:
            if scalar == "\r" || scalar == "\n" {
                self = .lineEnd
            } else {
                self = properties.isWhitespace ? .space : .symbol
            }
        }
    }
}

/// The kind of every scalar, looked up where text is common and computed where it is not.
///
/// Thread safety: immutable.
struct ScalarKindTable: Sendable {
    /// Made once a process, in about a millisecond.
    static let shared = ScalarKindTable()

    /// Everything below the CJK ideographs, as in `ScalarTable`.
    private static let tabulated = 0x3400

    private let kinds: [ScalarKind]

    private init() {
        kinds = (0..<Self.tabulated).map { value in
            Unicode.Scalar(UInt32(value)).map(ScalarKind.init(computing:)) ?? .symbol
        }
    }

    /// The kind of `scalar`.
    @inline(__always)
    subscript(scalar: Unicode.Scalar) -> ScalarKind {
        let value = scalar.value
        if value < Self.tabulated { return kinds[Int(value)] }
        switch value {
        case 0x3400...0x4dbf, 0x4e00...0x9fff, 0xac00...0xd7a3: return .letter
        default: return ScalarKind(computing: scalar)
        }
    }
}
