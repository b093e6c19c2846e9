/// A byte-level tokenizer file that is put together again from its merges.
///
/// A token is a byte or what a merge makes, in the order of the merges, so that the pairs of ids are
/// all of the vocabulary.
struct MergedTokenizerFile: Decodable {
    /// The characters of the byte tokens, by id.
    let bytes: String
    /// The file with two marks for what was left out.
    let tokenizer: String

    /// The bytes of the file, whose merges are pairs of ids of three bytes each.
    func json(merges packed: [UInt8]) -> [UInt8] {
        var tokens = bytes.unicodeScalars.map { String(Character($0)) }
        var merges: [[String]] = []
        for start in stride(from: 0, to: packed.count, by: 6) {
            let left = tokens[Self.id(packed, at: start)]
            let right = tokens[Self.id(packed, at: start + 3)]
            merges.append([left, right])
            tokens.append(left + right)
        }
        let vocabulary = tokens.enumerated().map { "\(Self.quoted($1)):\($0)" }
        let rules = merges.map { "[\(Self.quoted($0[0])),\(Self.quoted($0[1]))]" }
        let text =
            tokenizer
            .replacing("\"@vocabulary\"", with: "{" + vocabulary.joined(separator: ",") + "}")
            .replacing("\"@merges\"", with: "[" + rules.joined(separator: ",") + "]")
        return Array(text.utf8)
    }

    private static func id(_ bytes: [UInt8], at start: Int) -> Int {
        Int(bytes[start]) | Int(bytes[start + 1]) << 8 | Int(bytes[start + 2]) << 16
    }

    /// No token has a control character.
    private static func quoted(_ token: String) -> String {
        "\"" + token.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
