import Embedder
import TestSupport
import Testing

@Suite("Tokenizer")
struct TokenizerTests {
    private let tokenizer: Tokenizer

    init() throws {
        tokenizer = try TokenizationFixtures.tokenizer()
    }

    @Test("truncation keeps the beginning and says what it cut", arguments: [2, 3, 5, 6, 7, 100])
    func truncation(tokensMax: Int) throws {
        let whole = try tokenizer.encode("lift drag wing heat", tokensMax: nil)
        let cut = try tokenizer.encode("lift drag wing heat", tokensMax: tokensMax)
        #expect(cut.count == min(6, tokensMax))
        #expect(cut.count + cut.omittedTokenCount == whole.count)
        #expect(cut.ids.dropLast() == whole.ids.prefix(cut.count - 1))
        #expect(cut.ids.last == whole.ids.last)
    }

    @Test("special tokens stay even when there is no room for them")
    func noRoom() throws {
        #expect(try tokenizer.encode("lift", tokensMax: 0).ids == [101, 102])
        #expect(try tokenizer.encode("lift", tokensMax: 0).omittedTokenCount == 1)
    }

    @Test("of a pair the passage is cut, and the query only when it alone is too long")
    func pairTruncation() throws {
        let cut = try tokenizer.encode("lift drag", pair: "wing heat flow", tokensMax: 6)
        #expect(try cut.ids == tokenizer.encode("lift drag", pair: "wing", tokensMax: nil).ids)
        #expect(cut.omittedTokenCount == 2)
        let short = try tokenizer.encode("lift drag", pair: "wing heat flow", tokensMax: 4)
        #expect(try short.ids == tokenizer.encode("lift", pair: "", tokensMax: nil).ids)
        #expect(short.omittedTokenCount == 4)
    }

    @Test("a plain encoding is the text's tokens without the special ones")
    func plain() throws {
        let text = "The wing's caf\u{e9}. [SEP]"
        let plain = try tokenizer.encodePlain(text)
        let whole = try tokenizer.encode(text, tokensMax: nil)
        #expect(plain.ids == Array(whole.ids.dropFirst().dropLast()))
        #expect(plain.offsets == Array(whole.offsets.dropFirst().dropLast()))
    }

    @Test("long texts are worked on in stretches that change nothing", arguments: 0..<20)
    func stretches(seed: UInt64) throws {
        var parts: [String] = []
        var length = 0
        while length < 60_000 {
            let part = RandomText.make(seed: seed * 10_000 + UInt64(parts.count))
            parts.append(part)
            length += part.utf8.count
        }
        let whole = try tokenizer.encodePlain(parts.joined(separator: "\n"))
        #expect(try whole.ids == parts.flatMap { try tokenizer.encodePlain($0).ids })
    }

    @Test("any text gives ascending offsets at scalar boundaries", arguments: 0..<500)
    func offsets(seed: UInt64) throws {
        let text = RandomText.make(seed: 1_000_000 + seed)
        let bytes = Array(text.utf8)
        var previous = 0
        for range in try tokenizer.encodePlain(text).offsets {
            #expect(range.lowerBound >= previous, "seed \(seed)")
            #expect(String(validating: bytes[range], as: UTF8.self) != nil, "seed \(seed)")
            previous = range.lowerBound
        }
    }

    @Test("many threads at once get the same tokens")
    func threads() async throws {
        let text = String(repeating: "na\u{ef}ve \u{4e2d}\u{6587} slipstream. ", count: 200)
        let expected = try tokenizer.encode(text, tokensMax: nil)
        try await withThrowingTaskGroup(of: Encoding.self) { group in
            for _ in 0..<16 {
                group.addTask { [tokenizer] in try tokenizer.encode(text, tokensMax: nil) }
            }
            for try await encoding in group { #expect(encoding == expected) }
        }
    }

    @Test("decoding joins the pieces of words again")
    func decoding() throws {
        let ids = try tokenizer.encode("The slipstream's lift, heated!", tokensMax: nil).ids
        #expect(tokenizer.decode(ids) == "the slipstream ' s lift, heated!")
        #expect(tokenizer.decode([]).isEmpty)
        #expect(tokenizer.decode([-1, .max, 101]).isEmpty)
    }
}
