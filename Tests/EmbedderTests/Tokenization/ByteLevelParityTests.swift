import Embedder
import Testing

/// Against Hugging Face's `tokenizers` library with the stages of well-known files: ids and offsets.
@Suite("Byte-level tokenizer parity")
struct ByteLevelParityTests {
    /// Texts of which one fingerprint was made.
    private static let textsPerFingerprint = 8

    @Test(
        "ids and offsets of real, random and long texts are the library's",
        arguments: ["gpt2", "llama3", "o200k", "deepseek"]
    )
    func fingerprints(name: String) throws {
        let files = try TokenizationFixtures.json(
            "byte-level-pipelines.json",
            as: [String: MergedTokenizerFile].self
        )
        let file = try #require(files[name])
        let merges = try TokenizationFixtures.bytes("byte-level-merges.u24")
        let tokenizer = try Tokenizer(json: file.json(merges: merges))
        let texts = try ReferenceTexts.all()
        let expected = try TokenizationFixtures.fingerprints("byte-level-\(name).u64")
        let count = Self.textsPerFingerprint
        #expect(expected.count == (texts.count + count - 1) / count)
        for (index, fingerprint) in expected.enumerated() {
            let start = index * count
            var actual = Fingerprint()
            for text in texts[start..<min(start + count, texts.count)] {
                actual.append(try tokenizer.encode(text, tokensMax: nil))
            }
            #expect(actual.value == fingerprint, "texts from \(start) on")
        }
    }
}
