/// A byte-level tokenizer file with Qwen's stages, of all bytes and five merges.
enum SmallByteLevelFile {
    /// The characters of the bytes, printable ones first, as such vocabularies number them.
    private static let alphabet: [Unicode.Scalar] = {
        let printable = [0x21...0x7e, 0xa1...0xac, 0xae...0xff].joined().map { UInt32($0) }
        let others = (0x100..<0x144).map { UInt32($0) }
        return (printable + others).compactMap(Unicode.Scalar.init)
    }()

    static let json: String = {
        let tokens =
            alphabet.map { String(Character($0)) } + ["wi", "ng", "wing", "\u{120}wing", "s."]
        let vocabulary = tokens.enumerated().map { index, token in
            let escaped = token == "\"" || token == "\\" ? "\\" + token : token
            return "\"\(escaped)\": \(index)"
        }
        return template.replacing("@vocabulary", with: vocabulary.joined(separator: ", "))
    }()

    private static let template = #"""
        {
          "version": "1.0", "truncation": null, "padding": null,
          "added_tokens": [
            {"id": 261, "content": "<|end|>", "single_word": false, "lstrip": false, "rstrip": false,
             "normalized": false, "special": true}
          ],
          "normalizer": {"type": "NFC"},
          "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},
             "behavior": "Isolated", "invert": false},
            {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false}]},
          "post_processor": {"type": "Sequence", "processors": [
            {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false},
            {"type": "TemplateProcessing",
             "single": [{"Sequence": {"id": "A", "type_id": 0}},
                        {"SpecialToken": {"id": "<|end|>", "type_id": 0}}],
             "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
             "special_tokens": {"<|end|>": {"id": "<|end|>", "ids": [261], "tokens": ["<|end|>"]}}}]},
          "decoder": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false},
          "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "",
                    "end_of_word_suffix": "", "fuse_unk": false, "byte_fallback": false,
                    "ignore_merges": false, "vocab": {@vocabulary},
                    "merges": ["w i", "n g", ["wi", "ng"], ["Ġ", "wing"], "s ."]}
        }
        """#
}
