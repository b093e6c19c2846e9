/// Turns tokens back into readable text, as well as the tokens allow.
///
/// Thread safety: immutable.
enum TokenDecoder: Sendable {
    /// Tokens with a space between them.
    case spaced
    /// Continuing tokens are joined to the one before, without `prefix`.
    case wordPiece(prefix: String, cleansUp: Bool)
    /// The bytes that the tokens' characters stand for, put together.
    case byteLevel
    /// The mark is a space, and where the text got one in front nothing at the start.
    case metaspace(MetaspaceSplitter)

    /// Reads `decoder`; without one, tokens are spaced.
    init(_ node: JSONNode?) throws(EmbedderError) {
        guard let node else {
            self = .spaced
            return
        }
        let type = try node.required("type").string()
        switch type {
        case "WordPiece":
            self = .wordPiece(
                prefix: try node.optional("prefix")?.string() ?? "##",
                cleansUp: try node.optional("cleanup")?.bool() ?? true
            )
        case "ByteLevel": self = .byteLevel
        case "Metaspace": self = .metaspace(try MetaspaceSplitter(node))
        default: throw .unsupportedStage(type, at: node)
        }
    }

    /// The text of `tokens`.
    func decode(_ tokens: [String]) -> String {
        switch self {
        case .spaced:
            return tokens.joined(separator: " ")
        case .byteLevel:
            let bytes = tokens.flatMap { ByteAlphabet.shared.bytes(of: $0) }
            // Tokens may end inside a character; what is left of one becomes U+FFFD.
            return String(decoding: bytes, as: UTF8.self)
        case .metaspace(let splitter):
            return tokens.enumerated().map { splitter.decode($1, isFirst: $0 == 0) }.joined()
        case .wordPiece(let prefix, let cleansUp):
            var text = ""
            for (index, token) in tokens.enumerated() {
                var part = token
                if index > 0 {
                    let continues = token.utf8.starts(with: prefix.utf8)
                    part = continues ? Self.dropping(prefix, from: token) : " " + token
                }
                text += cleansUp ? Self.cleanedUp(part) : part
            }
            return text
        }
    }

    private static func dropping(_ prefix: String, from token: String) -> String {
        String(decoding: token.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    }

    /// The space that was put before `part` taken away again where English has none.
    private static func cleanedUp(_ part: String) -> String {
        switch part {
        case " .", " ?", " !", " ,", " n't", " 's", " 've", " 're": String(part.dropFirst())
        default: part
        }
    }
}
