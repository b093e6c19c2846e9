import Embedder
import Foundation
import Testing

/// The texts that the byte-level and the Unigram tokenizers are compared on, in the order of their
/// fingerprints: real ones, random ones, and long runs.
enum ReferenceTexts {
    private struct Run: Decodable {
        let unit: String
        let count: Int
    }

    private static let randomCount = 3_000

    static func all() throws -> [String] {
        var texts = try TokenizationFixtures.json("texts.json", as: [String].self)
        #expect(texts.count > 5_000)
        texts += (0..<randomCount).map { RandomText.make(seed: UInt64($0)) }
        for run in try TokenizationFixtures.json("runs.json", as: [Run].self) {
            texts.append(String(repeating: run.unit, count: run.count))
        }
        return texts
    }

    /// Compares a tokenizer with the library's fingerprints of all texts.
    static func expectParity(_ tokenizer: Tokenizer, with file: String) throws {
        let texts = try all()
        let expected = try TokenizationFixtures.fingerprints(file)
        #expect(texts.count == expected.count)
        for (text, fingerprint) in zip(texts, expected) {
            let encoding = try tokenizer.encode(text, tokensMax: nil)
            #expect(encoding.fingerprint == fingerprint, "\(text.prefix(80).debugDescription)")
        }
    }

    /// Compares a tokenizer with the library's fingerprints of all scalars, by blocks of 256.
    static func expectScalarParity(_ tokenizer: Tokenizer, with file: String) throws {
        let expected = try TokenizationFixtures.fingerprints(file)
        #expect(expected.count == 0x11_0000 / 256)
        for (block, fingerprint) in expected.enumerated() {
            let first = UInt32(block) * 256
            let text = (first..<first + 256).compactMap(Unicode.Scalar.init)
                .map { "a\($0)b \($0) \($0)\u{301}\($0)\u{200d}\n" }
                .joined()
            let encoding = try tokenizer.encode(text, tokensMax: nil)
            #expect(encoding.fingerprint == fingerprint, "block U+\(String(first, radix: 16))")
        }
    }
}
