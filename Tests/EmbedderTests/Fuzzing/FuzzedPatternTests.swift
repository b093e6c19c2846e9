import Embedder
import Testing

extension FuzzedFiles {
    /// Patterns of tokenizers: refused by name, or one that loses nothing of a text.
    @Suite("Patterns")
    struct Patterns {
        /// What expressions are made of, sound and unsound.
        private static let parts = [
            "a", "b", "'s", " ", "\u{e9}", ".", "^", "$", "|", "(", ")", "(?:", "(?i:", "(?=",
            "(?!",
            "(?<=", "(?<!", "(?>", "[", "]", "[^", "-", "&&", "*", "+", "?", "*+", "+?", "{2}",
            "{1,3}",
            "{2,}", "{", "}", #"\s"#, #"\S"#, #"\d"#, #"\w"#, #"\p{L}"#, #"\p{N}"#, #"\P{Lu}"#,
            #"\r"#,
            #"\n"#, #"\x41"#, #"\x{4e2d}"#, #"\u00e9"#, #"\."#, "\\", "\u{0}", "\u{1f600}",
        ]

        private static func pieces(
            _ splitter: PatternSplit,
            _ bytes: [UInt8]
        ) throws -> [Range<Int>]? {
            var pieces: [Range<Int>] = []
            do throws(EmbedderError) {
                try splitter.split(bytes.span, in: 0..<bytes.count, into: &pieces)
            } catch {
                guard error.code == .invalidInput else { throw error }
                return nil
            }
            return pieces
        }

        @Test("any expression is refused, or its pieces are the text")
        func anyExpression() throws {
            var limits = PatternLimits()
            limits.stepsMax = 10_000
            limits.baseDuration = .milliseconds(200)
            try FuzzBudget.run("pattern", count: 400) { random in
                let expression = (0..<Int.random(in: 1...10, using: &random)).map { _ in
                    Self.parts[Int.random(in: 0..<Self.parts.count, using: &random)]
                }.joined()
                let behavior = SplitBehavior.allCases[Int.random(in: 0..<5, using: &random)]
                let splitter: PatternSplit
                do throws(EmbedderError) {
                    splitter = try PatternSplit(
                        expression: expression,
                        behavior: behavior,
                        inverts: Bool.random(using: &random),
                        limits: limits
                    )
                } catch {
                    guard error.code == .unsupportedModel else {
                        throw FuzzFailure(description: "\(error)")
                    }
                    return
                }
                let text = "ab's  aab \u{e9}a\n" + RandomText.make(seed: random.next())
                let bytes = Array(text.utf8)
                guard let pieces = try Self.pieces(splitter, bytes) else { return }
                var end = 0
                for piece in pieces {
                    let isNext =
                        behavior == .removed ? piece.lowerBound >= end : piece.lowerBound == end
                    guard isNext, !piece.isEmpty,
                        String(validating: bytes[piece], as: UTF8.self) != nil
                    else { throw FuzzFailure(description: "\(expression): \(pieces)") }
                    end = piece.upperBound
                }
                guard end == bytes.count || behavior == .removed else {
                    throw FuzzFailure(description: "\(expression): ends at \(end)")
                }
            }
        }
    }
}
