import Embedder
import Foundation
import TestSupport
import Testing

@Suite("Malformed tokenizer files")
struct MalformedTokenizerTests {
    private func error(_ json: String) -> EmbedderError? {
        do {
            _ = try Tokenizer(json: Array(json.utf8))
            return nil
        } catch {
            return error
        }
    }

    /// The small file with `old` written as `new`.
    private func changed(_ old: String, to new: String) throws -> String {
        #expect(SmallTokenizerFile.json.contains(old), "nothing to change")
        return SmallTokenizerFile.json.replacingOccurrences(of: old, with: new)
    }

    @Test("the unchanged file is sound")
    func sound() throws {
        let tokenizer = try Tokenizer(json: Array(SmallTokenizerFile.json.utf8))
        #expect(try tokenizer.encode("wings", tokensMax: nil).ids == [1, 4, 5, 2])
        #expect(tokenizer.vocabularyCount == 8)
        #expect(tokenizer.specialTokenCount == 2)
        #expect(tokenizer.pairSpecialTokenCount == 3)
        #expect(tokenizer.id(token: "<new>") == 7)
        #expect(tokenizer.token(id: 7) == "<new>")
        #expect(tokenizer.token(id: -1) == nil)
        #expect(tokenizer.token(id: .max) == nil)
    }

    @Test("a file cut short anywhere is refused")
    func truncated() {
        let bytes = Array(SmallTokenizerFile.json.utf8)
        for length in 0..<bytes.count {
            #expect(throws: EmbedderError.self) { try Tokenizer(json: Array(bytes[..<length])) }
        }
    }

    @Test(
        "a wrong value is refused and its place named",
        arguments: [
            (#""wing": 4"#, #""wing": "4""#, "model.vocab"),
            (#""wing": 4"#, #""wing": 4.5"#, "model.vocab"),
            (#""wing": 4"#, #""wing": -4"#, "model.vocab"),
            (#""wing": 4"#, #""wing": 4294967300"#, "model.vocab"),
            (#""wing": 4"#, #""wing": 99999999999999999999"#, "2^63"),
            (#""wing": 4"#, #""wing": 5"#, "model.vocab"),
            (#""wing": 4"#, ###""##s": 4"###, "twice"),
            (#""[UNK]": 3"#, #""[unk]": 3"#, "unk_token"),
            (
                ###""continuing_subword_prefix": "##""###, #""continuing_subword_prefix": 1"#,
                "model"
            ),
            (#""max_input_chars_per_word": 100"#, #""max_input_chars_per_word": -1"#, "model"),
            (
                #""max_input_chars_per_word": 100"#,
                #""max_input_chars_per_word": null, "vocab": {}"#, "twice"
            ),
            (#""lowercase": true"#, #""lowercase": "true""#, "normalizer.lowercase"),
            (#""lowercase": true"#, #""lower": true"#, "normalizer"),
            (#""SpecialToken": {"id": "[CLS]""#, #""SpecialToken": {"id": "[NO]""#, "[NO]"),
            (
                #"{"Sequence": {"id": "B", "type_id": 1}}"#,
                #"{"Sequence": {"id": "C", "type_id": 1}}"#, "pair"
            ),
            (
                #"{"Sequence": {"id": "B", "type_id": 1}}"#,
                #"{"Sequence": {"id": "A", "type_id": 1}}"#, "once"
            ),
            (
                #"{"Sequence": {"id": "B", "type_id": 1}}"#,
                #"{"Sequence": {"id": "B", "type_id": 256}}"#, "type_id"
            ),
            (#""ids": [1]"#, #""ids": [2]"#, "[CLS]"),
            (#""ids": [1]"#, #""ids": []"#, "special_tokens"),
            (#""ids": [1]"#, #""ids": [70]"#, "special_tokens"),
            (#""id": 7, "content": "<new>""#, #""id": 6, "content": "<new>""#, "added_tokens[2]"),
            (#""id": 7, "content": "<new>""#, #""id": 1, "content": "<new>""#, "added_tokens[2]"),
            (#""id": 7, "content": "<new>""#, #""id": 7, "content": "wing""#, "added_tokens[2]"),
            (#""id": 7, "content": "<new>""#, #""id": 7, "content": """#, "added_tokens[2]"),
            (
                #""id": 7, "content": "<new>""#, #""id": -7, "content": "<new>""#,
                "added_tokens[2].id"
            ),
            (
                #""content": "<new>", "single_word": false"#,
                #""content": "<new>", "single_word": 0"#, "single_word"
            ),
        ]
    )
    func wrongValue(old: String, new: String, place: String) throws {
        let error = try #require(self.error(try changed(old, to: new)))
        #expect(error.code == .invalidModel)
        #expect(error.message.contains(place), "\(error)")
    }

    @Test(
        "an unknown stage is named",
        arguments: [
            (#""type": "WordPiece", "unk_token""#, #""type": "BPE", "unk_token""#, "BPE"),
            (#""type": "BertNormalizer""#, #""type": "NFKC""#, "NFKC"),
            (#""type": "BertPreTokenizer""#, #""type": "Metaspace""#, "Metaspace"),
            (#""type": "TemplateProcessing""#, #""type": "ByteLevel""#, "ByteLevel"),
            (#""type": "WordPiece", "prefix""#, #""type": "Fuse", "prefix""#, "Fuse"),
            (#""direction": "Right""#, #""direction": "Left""#, "Left"),
        ]
    )
    func unknownStage(old: String, new: String, name: String) throws {
        let error = try #require(self.error(try changed(old, to: new)))
        #expect(error.code == .unsupportedModel)
        #expect(error.message.contains(name), "\(error)")
    }

    @Test("a missing file is not found")
    func missingFile() throws {
        let folder = try TemporaryDirectory()
        #expect(throws: EmbedderError.self) { try Tokenizer(directory: folder.path) }
    }

    @Test("flipped bits give an error or a tokenizer that works, never a trap", arguments: 0..<400)
    func flippedBits(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var bytes = Array(SmallTokenizerFile.json.utf8)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        guard let tokenizer = try? Tokenizer(json: bytes) else { return }
        let encoding = try tokenizer.encode("a wing <new> [CLS] é", pair: "wings", tokensMax: 6)
        #expect(encoding.ids.allSatisfy { $0 >= 0 })
        _ = tokenizer.decode(encoding.ids)
    }

    @Test("random bytes in the place of a token are an error or work", arguments: 0..<200)
    func overwrittenBytes(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var bytes = Array(SmallTokenizerFile.json.utf8)
        let start = Int.random(in: 0..<bytes.count - 8, using: &random)
        for index in start..<start + 8 { bytes[index] = UInt8.random(in: 0...255, using: &random) }
        guard let tokenizer = try? Tokenizer(json: bytes) else { return }
        _ = try tokenizer.encode("a wing <new> [CLS] é", tokensMax: nil)
    }
}
