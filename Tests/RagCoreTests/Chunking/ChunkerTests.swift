import Embedder
import RagCore
import TestSupport
import Testing

@Suite("Chunker")
struct ChunkerTests {
    private let tokenizer: Tokenizer

    init() throws {
        tokenizer = try SmallTokenizer.make()
    }

    private func chunks(
        _ text: String,
        tokensMax: Int,
        overlap: Int = 0
    ) throws -> [String] {
        let chunker = try Chunker(
            tokenizer: tokenizer,
            tokensMax: tokensMax,
            overlapTokens: overlap
        )
        let bytes = Array(text.utf8)
        return try chunker.chunks(of: text).map { String(decoding: bytes[$0.range], as: UTF8.self) }
    }

    @Test("a text without anything to embed has no chunks", arguments: ["", " \n\t", "\u{200b}"])
    func emptyText(text: String) throws {
        #expect(try chunks(text, tokensMax: 8).isEmpty)
    }

    @Test("a text that fits is one chunk without white space at its ends")
    func shortText() throws {
        #expect(try chunks("  a wing. A drag?\n", tokensMax: 100) == ["a wing. A drag?"])
    }

    @Test("a blank line is preferred to a sentence's end")
    func paragraphs() throws {
        let text = "a a a a a a.\n\nb b. b b b b b b"
        #expect(try chunks(text, tokensMax: 12) == ["a a a a a a.", "b b. b b b b b b"])
    }

    @Test("a sentence's end is preferred to a line break")
    func sentences() throws {
        let text = "a a a a a a. b\nb b b b b b b b"
        #expect(try chunks(text, tokensMax: 10) == ["a a a a a a.", "b\nb b b b b b b b"])
    }

    @Test("a line break is preferred to a space")
    func lines() throws {
        let text = "a a a a a a\nb b b b b b b b"
        #expect(try chunks(text, tokensMax: 8) == ["a a a a a a", "b b b b b b b b"])
    }

    @Test(
        "a full stop inside a sentence does not end it",
        arguments: ["e.g.", "U.S.", "J.", "Fig.", "Dr.", "al.", "3.5"]
    )
    func abbreviations(word: String) throws {
        let text = "a a a a a a \(word) b b b b b b b b b b b b b b"
        let first = try #require(try chunks(text, tokensMax: 16).first)
        #expect(first.hasSuffix("b"))
    }

    @Test(
        "a sentence ends after its marks and what closes it",
        arguments: ["a.", "a!", "a?", "a\u{2026}", "a.\u{201d}", "a.\")", "a .", "a\u{3002}"]
    )
    func sentenceEnds(ending: String) throws {
        let text = "a a a a a a \(ending) b b b b b b b b b b b b"
        #expect(try chunks(text, tokensMax: 13).first == "a a a a a a \(ending)")
    }

    @Test("ideographs need no space after the full stop")
    func ideographs() throws {
        let text = "中文中文中文中。文中文中文"
        #expect(try chunks(text, tokensMax: 10).first == "中文中文中文中。")
    }

    @Test("the overlap starts at a sentence when there is one in reach")
    func overlap() throws {
        let text = "a a a a. a a b. b b b. b b b b b."
        let parts = try chunks(text, tokensMax: 13, overlap: 5)
        #expect(parts == ["a a a a. a a b. b b b.", "b b b. b b b b b."])
    }

    @Test("a character is not taken apart")
    func characters() throws {
        let family = "👨‍👩‍👧‍👦"
        let text = String(repeating: family, count: 200)
        for part in try chunks(text, tokensMax: 100) {
            #expect(part.allSatisfy { String($0) == family })
        }
    }

    @Test(
        "a word without end is cut into readable parts",
        arguments: ["ab", "é", "中", "👨‍👩‍👧‍👦", "🇩🇪", "\u{1100}", "\u{94d}\u{915}"]
    )
    func hugeWord(letters: String) throws {
        let text = String(repeating: letters, count: 200_000 / letters.utf8.count)
        let parts = try chunks(text, tokensMax: 100, overlap: 10)
        #expect(parts.count > 100)
        #expect(parts.allSatisfy { $0.utf8.count <= 1_024 })
    }

    @Test("a window larger than any text is no trouble")
    func hugeWindow() throws {
        #expect(try chunks("a b. a", tokensMax: .max, overlap: .max - 1) == ["a b. a"])
    }

    @Test("numbers that make no sense are refused", arguments: [(0, 0), (-1, 0), (8, 8), (8, -1)])
    func parameters(tokensMax: Int, overlap: Int) throws {
        #expect(throws: EmbedderError.self) {
            try Chunker(tokenizer: tokenizer, tokensMax: tokensMax, overlapTokens: overlap)
        }
    }
}
