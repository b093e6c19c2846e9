import Embedder
import Testing

/// Against Hugging Face's `tokenizers` library with Qwen3's file: ids and offsets, bit for bit.
@Suite("Qwen3 tokenizer parity")
struct Qwen3ParityTests {
    private let tokenizer: Tokenizer

    init() throws {
        tokenizer = try Qwen3Fixture.tokenizer()
    }

    @Test("ids and offsets of real, random and long texts are the library's")
    func fingerprints() throws {
        try ReferenceTexts.expectParity(tokenizer, with: "qwen3.u64")
    }

    @Test("every scalar is composed, split and tokenised as the library does")
    func everyScalar() throws {
        try ReferenceTexts.expectScalarParity(tokenizer, with: "qwen3-scalars.u64")
    }

    @Test("words that are tokens stay whole where the file says so")
    func wholeWords() throws {
        let file = String(decoding: try Qwen3Fixture.json(), as: UTF8.self)
            .replacing("\"ignore_merges\": false", with: "\"ignore_merges\": true")
        let tokenizer = try Tokenizer(json: Array(file.utf8))
        try ReferenceTexts.expectParity(tokenizer, with: "qwen3-whole-words.u64")
    }

    private struct InvalidCase: Decodable {
        let bytes: [UInt8]
        let ids: [Int32]
    }

    @Test("bytes that are not UTF-8 are replaced as Python does before the library sees them")
    func invalidBytes() throws {
        let name = "qwen3-invalid.json"
        for expected in try TokenizationFixtures.json(name, as: [InvalidCase].self) {
            let text = String(decoding: expected.bytes, as: UTF8.self)
            let ids = try tokenizer.encode(text, tokensMax: nil).ids
            #expect(ids == expected.ids, "\(expected.bytes)")
        }
    }

    @Test("the published examples come out as published")
    func examples() throws {
        #expect(try tokenizer.encode("test", tokensMax: nil).ids == [1944, 151643])
        let ids = try tokenizer.encode("How are you today?", tokensMax: nil).ids
        #expect(ids == [4340, 525, 498, 3351, 30, 151643])
        #expect(tokenizer.vocabularyCount == 151_669)
        #expect(tokenizer.specialTokenCount == 1)
    }

    @Test("decoding gives the text back, and of a part of its tokens the part's beginning")
    func decoding() throws {
        // Composed, as the normaliser leaves it.
        let text = "caf\u{e9} \u{4e2d}\u{6587}\n\n  x' \u{1f600}\u{200d} \u{1d15e}"
        let composed = text.replacing("\u{1d15e}", with: "\u{1d157}\u{1d165}")
        let ids = try tokenizer.encodePlain(text).ids
        #expect(tokenizer.decode(ids) == composed)
        for count in 0..<ids.count {
            let part = tokenizer.decode(Array(ids[..<count]))
            // A token may end inside a character.
            let whole = part.unicodeScalars.prefix { $0 != "\u{fffd}" }
            #expect(composed.unicodeScalars.starts(with: whole), "\(count) tokens")
        }
    }

    @Test("long texts are worked on in stretches that change nothing")
    func stretches() throws {
        var text = ""
        var seed: UInt64 = 0
        while text.utf8.count < 100_000 {
            text += RandomText.make(seed: 2_000_000 + seed) + "word word's  "
            seed += 1
        }
        // A token that is looked for in the normalised text keeps texts whole.
        let token = """
            "added_tokens": [{"id": 151669, "content": "<never used>", "single_word": false, \
            "lstrip": false, "rstrip": false, "normalized": true, "special": false},
            """
        let file = String(decoding: try Qwen3Fixture.json(), as: UTF8.self)
            .replacing("\"added_tokens\": [", with: token)
        let whole = try Tokenizer(json: Array(file.utf8))
        #expect(whole.vocabularyCount == 151_670)
        #expect(try whole.encodePlain(text) == tokenizer.encodePlain(text))
    }
}
