import Embedder

/// A WordPiece tokenizer of letters and a few words: every word of letters has several tokens.
enum SmallTokenizer {
    static func make() throws -> Tokenizer {
        var tokens = ["[UNK]", "[CLS]", "[SEP]", "wing", "##ing", "drag", "the", "中", "文", "👨"]
        for letter in "abcdefghijklmnopqrstuvwxyz0123456789ᄀ까ᅢᆨ".unicodeScalars {
            tokens += ["\(letter)", "##\(letter)"]
        }
        tokens += [".", ",", "!", "?", "\u{2026}", "\u{3002}", "\u{201d}", "\\\"", ")", "-"]
        let vocabulary = tokens.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ",")
        let json = """
            {"version": "1.0", "added_tokens": [],
             "normalizer": {"type": "BertNormalizer", "clean_text": true,
                            "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
             "pre_tokenizer": {"type": "BertPreTokenizer"},
             "model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": {\(vocabulary)}}}
            """
        return try Tokenizer(json: Array(json.utf8))
    }
}
