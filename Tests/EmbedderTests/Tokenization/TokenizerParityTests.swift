import Embedder
import Testing

/// Against Hugging Face's `tokenizers` library: ids and offsets, bit for bit.
@Suite("Tokenizer parity")
struct TokenizerParityTests {
    private let tokenizer: Tokenizer

    init() throws {
        tokenizer = try TokenizationFixtures.tokenizer()
    }

    @Test("ids and offsets of chosen texts are the library's")
    func chosenTexts() throws {
        for expected in try TokenizationFixtures.json(
            "cases.json",
            as: [TokenizationFixtures.Case].self
        ) {
            let encoding = try tokenizer.encode(expected.text, tokensMax: nil)
            #expect(encoding.ids == expected.ids, "\(expected.text.debugDescription)")
            #expect(encoding.flatOffsets == expected.offsets, "\(expected.text.debugDescription)")
        }
    }

    @Test("ids and offsets of random Unicode texts are the library's")
    func randomTexts() throws {
        let expected = try TokenizationFixtures.fingerprints("random.u64")
        #expect(expected.count == 6_000)
        for (seed, fingerprint) in expected.enumerated() {
            let text = RandomText.make(seed: UInt64(seed))
            let encoding = try tokenizer.encode(text, tokensMax: nil)
            #expect(encoding.fingerprint == fingerprint, "seed \(seed): \(text.debugDescription)")
        }
    }

    @Test("query and passage are joined and cut as the library does")
    func pairs() throws {
        for expected in try TokenizationFixtures.json(
            "pairs.json",
            as: [TokenizationFixtures.PairCase].self
        ) {
            let encoding = try tokenizer.encode(
                expected.first,
                pair: expected.second,
                tokensMax: expected.limit
            )
            #expect(encoding.ids == expected.ids, "\(expected.first) | \(expected.limit ?? 0)")
            #expect(encoding.typeIDs == expected.types)
            #expect(encoding.flatOffsets == expected.offsets)
        }
    }

    @Test("every stage's options give what the library gives")
    func pipelines() throws {
        for pipeline in try TokenizationFixtures.json(
            "pipelines.json",
            as: [TokenizationFixtures.Pipeline].self
        ) {
            let tokenizer = try Tokenizer(json: Array(pipeline.tokenizer.utf8))
            for expected in pipeline.cases {
                let place = "\(pipeline.name): \(expected.text.debugDescription)"
                let encoding = try tokenizer.encode(expected.text, tokensMax: nil)
                #expect(encoding.ids == expected.ids, "\(place)")
                #expect(encoding.flatOffsets == expected.offsets, "\(place)")
                let pair = try tokenizer.encode(expected.text, pair: "wing drag", tokensMax: nil)
                #expect(pair.ids == expected.pairIDs, "\(place)")
                #expect(pair.typeIDs == expected.pairTypes, "\(place)")
                #expect(tokenizer.decode(encoding.ids) == expected.decoded, "\(place)")
            }
        }
    }
}
