import Embedder
import Foundation
import TestSupport
import Testing

extension FuzzedFiles {
    /// Tokenizer files: refused with the place, or a tokenizer that works.
    @Suite("Tokenizers")
    struct Tokenizers {
        private static let files = [
            SmallTokenizerFile.json, SmallByteLevelFile.json, SmallUnigramFile.json,
        ]
        private static let texts = [
            "", "a wing <new> [CLS] é's 12\n\n  x", "wings\u{0}\u{200d}👩‍👩‍👧 <|end|>", "AAA  \u{301}  ",
        ]

        /// Uses a tokenizer, whose results must be of its vocabulary and of the text.
        private static func check(_ tokenizer: Tokenizer, _ text: String) throws {
            let plain = try tokenizer.encodePlain(text)
            let pair = try tokenizer.encode(text, pair: "wings é", tokensMax: 6)
            guard plain.offsets.allSatisfy({ $0.upperBound <= text.utf8.count }) else {
                throw FuzzFailure(description: "offsets \(plain.offsets) outside the text")
            }
            for id in plain.ids + pair.ids {
                guard tokenizer.token(id: id) != nil else {
                    throw FuzzFailure(description: "id \(id) is no token's")
                }
            }
            _ = tokenizer.decode(pair.ids)
        }

        /// The tokenizer of a file; nil when it is refused as it should be.
        private static func tokenizer(_ json: [UInt8]) throws -> Tokenizer? {
            do throws(EmbedderError) {
                return try Tokenizer(json: json)
            } catch {
                guard error.code == .invalidModel || error.code == .unsupportedModel,
                    error.message.contains("tokenizer.json")
                else { throw FuzzFailure(description: "\(error)") }
                return nil
            }
        }

        @Test("any damage to tokenizer.json")
        func anyDamage() throws {
            let damages = Self.files.map { JSONDamage(Array($0.utf8)) }
            try FuzzBudget.run("damaged tokenizer.json", count: 600) { random in
                let damage = damages[Int.random(in: 0..<damages.count, using: &random)]
                guard let tokenizer = try Self.tokenizer(damage.damaged(using: &random)) else {
                    return
                }
                for text in Self.texts { try Self.check(tokenizer, text) }
                try Self.check(tokenizer, RandomText.make(seed: random.next()))
            }
        }

        @Test("a vocabulary with holes, or with an id twice")
        func holes() throws {
            let vocabularies = try [SmallTokenizerFile.json, SmallByteLevelFile.json].map { json in
                try #require(
                    JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
                )
            }
            try FuzzBudget.run("vocabulary with holes") { random in
                var root = vocabularies[Int.random(in: 0..<vocabularies.count, using: &random)]
                var model = root["model"] as? [String: Any] ?? [:]
                var vocabulary = model["vocab"] as? [String: Int] ?? [:]
                let tokens = vocabulary.keys.sorted()
                let added = (root["added_tokens"] as? [[String: Any]] ?? [])
                    .compactMap { $0["id"] as? Int }
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let token = tokens[Int.random(in: 0..<tokens.count, using: &random)]
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: vocabulary[token] = nil
                    case 1: vocabulary[token, default: 0] += Int.random(in: 1...9, using: &random)
                    default: vocabulary[token] = Int.random(in: 0..<1 << 21, using: &random)
                    }
                }
                let ids = vocabulary.values + added
                let isWhole = Set(ids) == Set(0...(ids.max() ?? 0))
                model["vocab"] = vocabulary
                root["model"] = model
                let json = Array(
                    try JSONSerialization.data(withJSONObject: root, options: .sortedKeys)
                )
                let tokenizer = try Self.tokenizer(json)
                guard tokenizer == nil || isWhole else {
                    throw FuzzFailure(description: "ids \(ids.sorted()) are taken")
                }
            }
        }

        @Test("any damage to a character map")
        func characterMap() throws {
            let real = try String(
                contentsOfFile: EmbeddingFixtures.path("tokenization/nmt_nfkc.base64"),
                encoding: .utf8
            ).trimmingCharacters(in: .whitespacesAndNewlines)
            let maps = try [SmallUnigramFile.charsmap, real].map {
                Array(try #require(Data(base64Encoded: $0)))
            }
            try FuzzBudget.run("damaged charsmap", count: 60) { random in
                var bytes = maps[Int.random(in: 0..<4, using: &random) / 3]
                for _ in 0..<Int.random(in: 1...20, using: &random) {
                    // Half of them at the start, where the trie's size and its root are.
                    let end = Bool.random(using: &random) ? min(bytes.count, 600) : bytes.count
                    bytes[Int.random(in: 0..<end, using: &random)] = UInt8.random(
                        in: 0...255,
                        using: &random
                    )
                }
                if Int.random(in: 0..<8, using: &random) == 0 {
                    bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
                }
                let text = Data(bytes).base64EncodedString()
                let json = SmallUnigramFile.json
                    .replacing(SmallUnigramFile.charsmap, with: text)
                guard let tokenizer = try Self.tokenizer(Array(json.utf8)) else { return }
                for text in Self.texts { try Self.check(tokenizer, text) }
                try Self.check(tokenizer, RandomText.make(seed: random.next()))
            }
        }
    }
}
