import Foundation

/// A Unigram tokenizer file with XLM-RoBERTa's stages, of a few tokens and a map of one character.
enum SmallUnigramFile {
    /// A trie that maps the byte 0x41 to `b`: the root, the unit of the byte, the unit of its value.
    static let charsmap: String = {
        let root = 0
        let value = 2
        var units = [UInt32](repeating: 0, count: 0x80)
        // The root's children are 4 cells along, by exclusive or; the byte's value is 2 cells along.
        units[root] = 4 << 10
        units[0x41 ^ 4] = UInt32(value) << 10 | 1 << 8 | 0x41
        units[0x41 ^ 4 ^ value] = 1 << 31 | 0
        var bytes = Data()
        for word in [UInt32(units.count * 4)] + units {
            bytes.append(contentsOf: (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) })
        }
        bytes.append(contentsOf: "b\u{0}".utf8)
        return bytes.base64EncodedString()
    }()

    static let json = """
        {
          "version": "1.0", "truncation": null, "padding": null,
          "added_tokens": [
            {"id": 0, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false,
             "normalized": false, "special": true}
          ],
          "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Precompiled", "precompiled_charsmap": "\(charsmap)"},
            {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
            {"type": "Strip", "strip_left": false, "strip_right": true}]},
          "pre_tokenizer": {"type": "Metaspace", "replacement": "\u{2581}", "prepend_scheme": "always",
                            "split": true},
          "post_processor": {"type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                       {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}}},
          "decoder": {"type": "Metaspace", "replacement": "\u{2581}", "prepend_scheme": "always",
                      "split": true},
          "model": {"type": "Unigram", "unk_id": 1, "byte_fallback": false,
                    "vocab": [["<s>", 0], ["<unk>", 0], ["\u{2581}", -3.5], ["b", -2], ["\u{2581}b", -4],
                              ["bb", -3]]}
        }
        """
}
