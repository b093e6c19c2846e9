import Embedder
import Testing

/// Against the `Split` of Hugging Face's `tokenizers` library, which is Oniguruma's.
@Suite("Pattern parity")
struct PatternParityTests {
    private struct Fixture: Decodable {
        struct Row: Decodable, CustomTestStringConvertible {
            let regex: String?
            let string: String?
            let behavior: String
            let invert: Bool
            let pieces: String

            var testDescription: String {
                "\(regex ?? string ?? "") \(behavior)\(invert ? " inverted" : "")"
            }

            func splitter() throws -> PatternSplit {
                let behavior = try #require(SplitBehavior(rawValue: behavior))
                guard let regex else {
                    return try PatternSplit(
                        literal: try #require(string),
                        behavior: behavior,
                        inverts: invert
                    )
                }
                return try PatternSplit(expression: regex, behavior: behavior, inverts: invert)
            }
        }

        let texts: [String]
        let patterns: [Row]
    }

    /// The byte ranges of the pieces of a text.
    private static func pieces(_ splitter: PatternSplit, _ text: String) throws -> [Range<Int>] {
        let bytes = Array(text.utf8)
        var pieces: [Range<Int>] = []
        try splitter.split(bytes.span, in: 0..<bytes.count, into: &pieces)
        return pieces
    }

    @Test("every construct cuts where the library does, with every behavior")
    func constructs() throws {
        let fixture = try TokenizationFixtures.json("patterns.json", as: Fixture.self)
        #expect(fixture.patterns.count > 400 && fixture.texts.count > 300)
        for row in fixture.patterns {
            let splitter = try row.splitter()
            var fingerprint = Fingerprint()
            for text in fixture.texts {
                let pieces = try Self.pieces(splitter, text)
                fingerprint.append(Int32(pieces.count))
                for piece in pieces {
                    fingerprint.append(Int32(piece.lowerBound))
                    fingerprint.append(Int32(piece.upperBound))
                }
            }
            #expect(fingerprint.hexadecimal == row.pieces, "\(row.testDescription)")
        }
    }

    @Test("every property has the scalars that it has in the library")
    func properties() throws {
        let expected = try TokenizationFixtures.json(
            "pattern-properties.json",
            as: [String: String].self
        )
        #expect(expected.count > 30)
        for (expression, pieces) in expected.sorted(by: { $0.key < $1.key }) {
            let splitter = try PatternSplit(
                expression: expression,
                behavior: .removed,
                inverts: true
            )
            var fingerprint = Fingerprint()
            for first in stride(from: UInt32(0), to: 0x11_0000, by: 4096) {
                let scalars = (first..<first + 4096).compactMap(Unicode.Scalar.init)
                let found = try Self.pieces(
                    splitter,
                    scalars.reduce(into: "") { $0.unicodeScalars.append($1) }
                )
                fingerprint.append(Int32(found.count))
                for piece in found { fingerprint.append(Int32(piece.lowerBound)) }
            }
            #expect(fingerprint.hexadecimal == pieces, "\(expression)")
        }
    }

    @Test("Qwen's pattern cuts by hand where PCRE2 does")
    func qwen() throws {
        let byHand = QwenWordPattern()
        let byPattern = try PatternSplit(
            expression: QwenWordPattern.expression,
            behavior: .isolated
        )
        let blocks = (0..<UInt32(0x340)).map { block in
            (block << 8..<(block + 1) << 8).compactMap(Unicode.Scalar.init)
                .map { "a\($0)b \($0)1\($0) \($0)\n" }.joined()
        }
        let random = (0..<6_000).map { RandomText.make(seed: 3_000_000 + UInt64($0)) }
        for text in try ReferenceTexts.all() + blocks + random {
            let bytes = Array(text.utf8)
            var words: [Range<Int>] = []
            byHand.split(bytes.span, in: 0..<bytes.count, into: &words)
            let expected = try Self.pieces(byPattern, text)
            #expect(words == expected, "\(text.prefix(80).debugDescription)")
        }
    }
}
