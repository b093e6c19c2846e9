import Embedder
import TestSupport
import Testing

/// Damaged and unsupported stages of byte-level and Unigram tokenizer files.
@Suite("Malformed byte-level and Unigram files")
struct MalformedStagesTests {
    private func error(_ json: String) -> EmbedderError? {
        do {
            _ = try Tokenizer(json: Array(json.utf8))
            return nil
        } catch {
            return error
        }
    }

    private func expect(
        _ code: EmbedderError.Code,
        naming name: String,
        in json: String,
        with old: String,
        as new: String
    ) throws {
        #expect(json.contains(old), "nothing to change")
        let refusal = error(json.replacing(old, with: new, maxReplacements: 1))
        let actual = try #require(refusal, "accepted \(new)")
        #expect(actual.code == code, "\(actual)")
        #expect(actual.message.contains(name), "\(actual)")
    }

    @Test("the unchanged files are sound")
    func sound() throws {
        let byteLevel = try Tokenizer(json: Array(SmallByteLevelFile.json.utf8))
        #expect(try byteLevel.encode("wing wings.", tokensMax: nil).ids == [258, 259, 82, 13, 261])
        #expect(try byteLevel.decode(byteLevel.encodePlain("wing\u{e9}\n").ids) == "wing\u{e9}\n")
        let unigram = try Tokenizer(json: Array(SmallUnigramFile.json.utf8))
        #expect(
            try unigram.encode("A  bbA \u{e9}\u{e8} ", tokensMax: nil).ids == [0, 4, 4, 5, 2, 1]
        )
        #expect(unigram.decode([4, 2, 5]) == "b bb")
    }

    @Test(
        "a stage that is not supported is named",
        arguments: [
            (#""type": "NFC""#, #""type": "NFKC""#, "NFKC"),
            (
                #"{"type": "NFC"}"#,
                #"{"type": "Sequence", "normalizers": [{"type": "Lowercase"}]}"#, "Lowercase"
            ),
            (#"'s|'t"#, #"\\p{Han}|'t"#, "Han"),
            (#"'s|'t"#, #"\\w|'t"#, #"\w"#),
            (#""Isolated""#, #""Doubled""#, "Doubled"),
            (#""type": "Split""#, #""type": "Digits""#, "Digits + ByteLevel"),
            (#""add_prefix_space": false"#, #""add_prefix_space": true"#, "add_prefix_space"),
            (#""end_of_word_suffix": """#, #""end_of_word_suffix": "</w>""#, "end_of_word_suffix"),
            (
                #""continuing_subword_prefix": """#, #""continuing_subword_prefix": "@@""#,
                "continuing_subword_prefix"
            ),
            (#""byte_fallback": false"#, #""byte_fallback": true"#, "byte_fallback"),
            (#""dropout": null"#, #""dropout": 0.1"#, "dropout"),
            (
                #""type": "TemplateProcessing""#, #""type": "RobertaProcessing""#,
                "RobertaProcessing"
            ),
            (#""decoder": {"type": "ByteLevel""#, #""decoder": {"type": "CTC""#, "CTC"),
        ]
    )
    func unsupportedByteLevel(old: String, new: String, name: String) throws {
        let json = SmallByteLevelFile.json
        try expect(.unsupportedModel, naming: name, in: json, with: old, as: new)
    }

    @Test(
        "a stage of a Unigram file that is not supported is named",
        arguments: [
            (#""Regex": " {2,}""#, #""Regex": "a+""#, "a+"),
            (#""type": "Strip""#, #""type": "StripAccents""#, "StripAccents"),
            (#""prepend_scheme": "always""#, #""prepend_scheme": "last""#, "last"),
            (#""type": "Metaspace""#, #""type": "Punctuation""#, "Punctuation"),
            (#"{"type": "Metaspace""#, #"{"type": "BertPreTokenizer""#, "BertPreTokenizer"),
            (#""type": "Unigram""#, #""type": "WordLevel""#, "WordLevel"),
        ]
    )
    func unsupportedUnigram(old: String, new: String, name: String) throws {
        let json = SmallUnigramFile.json
        try expect(.unsupportedModel, naming: name, in: json, with: old, as: new)
    }

    @Test(
        "a damaged byte-level model is refused and its place named",
        arguments: [
            (#""w i""#, #""wi""#, "merges[0]"),
            (#""w i""#, #""w i n""#, "merges[0]"),
            (#"["wi", "ng"]"#, #"["wi", "n"]"#, "merges[2]"),
            (#"["wi", "ng"]"#, #"["wi"]"#, "merges[2]"),
            (#"["wi", "ng"]"#, #"["wi", 7]"#, "merges[2]"),
            (#"["wi", "ng"]"#, #"{}"#, "merges[2]"),
            (#""a": "#, #""aa": "#, "byte 97"),
            (#""merges""#, #""rules""#, "merges"),
            (#""dropout": null"#, #""dropout": "x""#, "dropout"),
        ]
    )
    func damagedByteLevel(old: String, new: String, place: String) throws {
        let json = SmallByteLevelFile.json
        try expect(.invalidModel, naming: place, in: json, with: old, as: new)
    }

    @Test(
        "a damaged Unigram model or character map is refused and its place named",
        arguments: [
            (#"["b", -2]"#, #"["b", "-2"]"#, "vocab[3]"),
            (#"["b", -2]"#, #"["b"]"#, "vocab[3]"),
            (#"["b", -2]"#, #"["", -2]"#, "vocab[3]"),
            (#"["b", -2]"#, #"["bb", -2]"#, "twice"),
            (#""unk_id": 1"#, #""unk_id": 6"#, "unk_id"),
            (#""unk_id": 1"#, #""unk_id": null"#, "unk_id"),
            (#""replacement": "\#u{2581}""#, #""replacement": "__""#, "one scalar"),
            (#""precompiled_charsmap": ""#, #""precompiled_charsmap": "?"#, "Base64"),
            (SmallUnigramFile.charsmap, "", "cut short"),
            (SmallUnigramFile.charsmap, "AAAAAA==", "cut short"),
            (SmallUnigramFile.charsmap, "BAAAAAAAAAD/", "UTF-8"),
            (#""pattern": {"Regex": " {2,}"}"#, #""pattern": {"String": ""}"#, "empty"),
        ]
    )
    func damagedUnigram(old: String, new: String, place: String) throws {
        let json = SmallUnigramFile.json
        try expect(.invalidModel, naming: place, in: json, with: old, as: new)
    }

    @Test("flipped bits give an error or a tokenizer that works, never a trap", arguments: 0..<600)
    func flippedBits(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let json = seed.isMultiple(of: 2) ? SmallByteLevelFile.json : SmallUnigramFile.json
        var bytes = Array(json.utf8)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        guard let tokenizer = try? Tokenizer(json: bytes) else { return }
        let text = "A wing's <s> \u{e9}e\u{301}  \r\n" + RandomText.make(seed: seed)
        let encoding = try tokenizer.encode(text, pair: "wings", tokensMax: 40)
        #expect(encoding.offsets.allSatisfy { $0.upperBound <= text.utf8.count })
        _ = tokenizer.decode(encoding.ids)
    }

    @Test("a character map of any bytes is refused or works", arguments: 0..<300)
    func randomCharacterMap(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var map = Array(SmallUnigramFile.charsmap)
        for _ in 0..<40 {
            // The last ones pad.
            let index = Int.random(in: 6..<map.count - 4, using: &random)
            map[index] = digits[Int.random(in: 0..<digits.count, using: &random)]
        }
        let json = SmallUnigramFile.json.replacing(SmallUnigramFile.charsmap, with: String(map))
        guard let tokenizer = try? Tokenizer(json: Array(json.utf8)) else { return }
        let text = "A\u{301}AA b" + RandomText.make(seed: seed)
        #expect(
            try tokenizer.encodePlain(text).offsets.allSatisfy { $0.upperBound <= text.utf8.count }
        )
    }
}
