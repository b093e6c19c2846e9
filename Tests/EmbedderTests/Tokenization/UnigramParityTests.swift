import Embedder
import Foundation
import Testing

/// Against Hugging Face's `tokenizers` library with Unigram models: ids and offsets, bit for bit.
@Suite("Unigram tokenizer parity")
struct UnigramParityTests {
    static let pipelines = ["xlm-roberta", "spaces-joined", "stripped", "unsplit"]

    /// The tokenizer file with these stages.
    static func json(_ pipeline: String) throws -> String {
        let files = try TokenizationFixtures.json(
            "unigram-pipelines.json",
            as: [String: String].self
        )
        let vocabulary = try TokenizationFixtures.bytes("unigram-vocabulary.json")
        let characters = try TokenizationFixtures.bytes("nmt_nfkc.base64")
        return try #require(files[pipeline])
            .replacing("\"@vocabulary\"", with: String(decoding: vocabulary, as: UTF8.self))
            .replacing("@charsmap", with: String(decoding: characters, as: UTF8.self))
    }

    @Test(
        "ids and offsets of real, random and long texts are the library's",
        arguments: pipelines
    )
    func fingerprints(pipeline: String) throws {
        let tokenizer = try Tokenizer(json: Array(try Self.json(pipeline).utf8))
        try ReferenceTexts.expectParity(tokenizer, with: "unigram-\(pipeline).u64")
    }

    @Test("every scalar is mapped and tokenised as the library does")
    func everyScalar() throws {
        let tokenizer = try Tokenizer(json: Array(try Self.json("xlm-roberta").utf8))
        try ReferenceTexts.expectScalarParity(tokenizer, with: "unigram-scalars.u64")
    }

    @Test("a pair is joined as XLM-RoBERTa does, and decoded without its marks")
    func pair() throws {
        let tokenizer = try Tokenizer(json: Array(try Self.json("xlm-roberta").utf8))
        let pair = try tokenizer.encode("one", pair: "two", tokensMax: nil)
        let first = try tokenizer.encodePlain("one").ids
        let second = try tokenizer.encodePlain("two").ids
        #expect(pair.ids == [0] + first + [2, 2] + second + [2])
        #expect(tokenizer.decode(pair.ids) == "one two")
    }
}
