import Embedder
import Testing

/// What the patterns of tokenizers may be, and what they may cost.
@Suite("Pattern limits")
struct PatternLimitTests {
    private func split(
        _ expression: String,
        _ text: String,
        limits: PatternLimits = PatternLimits()
    ) throws(EmbedderError) -> [Range<Int>] {
        let splitter = try PatternSplit(
            expression: expression,
            behavior: .isolated,
            limits: limits
        )
        let bytes = Array(text.utf8)
        var pieces: [Range<Int>] = []
        try splitter.split(bytes.span, in: 0..<bytes.count, into: &pieces)
        return pieces
    }

    @Test(
        "what PCRE2 reads in another way than the library is refused by name",
        arguments: [
            (#"\w+"#, #"\w"#), (#"\bword"#, #"\b"#), (#"\h"#, #"\h"#), (#"\R"#, #"\R"#),
            (#"\X"#, #"\X"#), (#"\Aa"#, #"\A"#), (#"a\z"#, #"\z"#), (#"\Ka"#, #"\K"#),
            (#"(a)\1"#, #"\1"#), (#"\012"#, #"\0"#), (#"\xe9"#, "above 7f"), (#"\pL"#, "braces"),
            (#"\p{Han}"#, "Han"), (#"\p{Letter}"#, "Letter"), (#"\p{^L}"#, "^L"),
            (#"\p{Cn}"#, "Cn"), (#"[\P{L}]"#, "complement"), (#"[\S]"#, "complement"),
            ("[[a]]", "[ in a class"), ("[[:alpha:]]", "[ in a class"), ("[a&&b]", "&&"),
            ("[]", "empty"), ("[a-c-e]", "behind a range"), (#"[\s-a]"#, "behind a property"),
            ("[c-a]", "nowhere"), ("[--a]", "range from -"), ("[a", "an end"),
            ("(?i)a", "(?i"), ("(?m:a)", "(?m"), ("(?x: a)", "(?x"), ("(?<name>a)", "(?<"),
            ("(?#note)", "(?#"), ("(*UTF)a", "(*UT"), ("(?|a)", "(?|"), ("(?R)", "(?R"),
            ("(?i:ss)", "ss"), ("(?i:ST)", "st"), ("(?i:\u{e9})", "case"),
            (#"(?i:\p{Lu})"#, "case"),
            ("(?i:a+)", "case"), ("(?i:[^a])", "case"), ("a**", "quantifier"), ("+a", "quantifier"),
            ("a{,3}", "interval"), ("a{3}?", "interval"), ("a{2,3}+", "interval"),
            ("a{x}", "interval"),
            ("a{3,2}", "{3,2}"), ("a{9999}", "9999"), ("(?=a)*", "assertion"), ("^*", "assertion"),
            ("a)", "closes nothing"), ("(a", "not closed"), ("a\\", "an end"),
            (#"(?<=a+)b"#, "PCRE2"), (#"\x{d800}"#, "no scalar"),
        ]
    )
    func refused(expression: String, name: String) throws {
        let error = #expect(throws: EmbedderError.self) { try split(expression, "a") }
        #expect(error?.code == .unsupportedModel)
        #expect(error?.message.contains(name) == true, "\(error?.message ?? "")")
    }

    @Test("an expression that is too long, too deep or too large is refused")
    func tooLarge() {
        let expressions = [
            String(repeating: "a", count: 20_000),
            String(repeating: "(", count: 60) + String(repeating: ")", count: 60),
            "(?:(?:(?:a{1000}){1000}){1000}){1000}",
        ]
        for expression in expressions {
            #expect(throws: EmbedderError.self) { try split(expression, "a") }
        }
    }

    @Test(
        "backtracking without end is an error of the text",
        arguments: ["(?:a+)+b", "(?:a|a)*b", "(?:a*)*b", "a*a*a*b"]
    )
    func exponential(expression: String) throws {
        // With what PCRE2 would else find missing at once.
        let text = String(repeating: "a", count: 5_000) + "cb"
        let error = #expect(throws: EmbedderError.self) { try split(expression, text) }
        #expect(error?.code == .invalidInput)
        #expect(error?.message.contains("5000000 steps") == true, "\(error?.message ?? "")")
        // Another text is read as ever.
        #expect(try split(expression, "xyz") == [0..<3])
    }

    @Test("a pattern that is quadratic runs out of time")
    func quadratic() throws {
        var limits = PatternLimits()
        limits.baseDuration = .milliseconds(20)
        limits.durationPerMiB = .milliseconds(20)
        let text = String(repeating: "a", count: 1 << 20) + "cb"
        let start = ContinuousClock.now
        let error = #expect(throws: EmbedderError.self) {
            try split("a*+b", text, limits: limits)
        }
        #expect(error?.code == .invalidInput)
        #expect(error?.message.contains("too long") == true)
        #expect(start.duration(to: .now) < .seconds(10))
    }

    @Test("runs of a megabyte are no trouble to usual patterns")
    func longRuns() throws {
        for unit in [" ", "a", "\n", "\u{e9}", "!", "\u{4e2d}"] {
            let text = String(repeating: unit, count: (1 << 20) / unit.utf8.count - 1)
            for expression in [QwenWordPattern.expression, PatternSplit.gpt2Expression] {
                #expect(try split(expression, text) == [0..<text.utf8.count])
            }
        }
    }

    @Test("nesting that the machine code's stack is too small for is interpreted")
    func deepStack() throws {
        let text = String(repeating: "ab", count: 20_000)
        #expect(try split("(?:ab|ac|(?=x)a)*c|ab", text + "c") == [0..<40_001])
    }

    @Test("the pattern sees nothing besides the range that is split")
    func range() throws {
        let splitter = try PatternSplit(
            expression: #"(?<=a)b|b(?=c)|^b|b$"#,
            behavior: .removed
        )
        let bytes = Array("abbbc".utf8)
        var pieces: [Range<Int>] = []
        try splitter.split(bytes.span, in: 1..<4, into: &pieces)
        #expect(pieces == [2..<3])
    }

    @Test("a tokenizer's pattern that gives up is an error of encoding")
    func encoding() throws {
        let json = SmallByteLevelFile.json
            .replacing(#"(?i:'s|'t|"#, with: #"(?:a+)+b|(?i:'s|'t|"#)
        let tokenizer = try Tokenizer(json: Array(json.utf8))
        #expect(try tokenizer.encodePlain("wing").ids == [258])
        let text = String(repeating: "a", count: 5_000) + "cb"
        let error = #expect(throws: EmbedderError.self) {
            try tokenizer.encode(text, tokensMax: 10)
        }
        #expect(error?.code == .invalidInput)
    }
}
