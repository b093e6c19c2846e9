/// The traits of every scalar, looked up where text is common and computed where it is not.
///
/// Thread safety: immutable.
struct ScalarTable: Sendable {
    /// Made once a process, in a few milliseconds.
    static let shared = ScalarTable()

    /// Everything below the CJK ideographs: all alphabets in daily use, kana, general punctuation.
    private static let tabulated = 0x3400

    private let traits: [ScalarTraits]

    private init() {
        traits = (0..<Self.tabulated).map { value in
            Unicode.Scalar(UInt32(value)).map(ScalarTraits.init(computing:)) ?? []
        }
    }

    /// The traits of `scalar`.
    subscript(scalar: Unicode.Scalar) -> ScalarTraits {
        let value = scalar.value
        if value < Self.tabulated { return traits[Int(value)] }
        switch value {
        // The two big blocks of living text have the same traits throughout.
        case 0x3400...0x4dbf, 0x4e00...0x9fff: return .ideograph
        case 0xac00...0xd7a3: return .decomposes
        default: return ScalarTraits(computing: scalar)
        }
    }
}
