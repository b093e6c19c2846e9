import StrictJSON

/// The model's own tokens and their ids, both ways.
///
/// Thread safety: immutable.
struct Vocabulary: Sendable {
    /// No model has more tokens than this by far (the largest published have some 260,000); it
    /// bounds what a damaged file can make us allocate.
    static let idMax = (1 << 21) - 1

    /// Ids by the tokens' bytes.
    let trie: ByteTrie
    /// Tokens by id; nil where the file leaves a gap.
    private let tokens: [String?]
    /// The number of tokens.
    let count: Int
    /// One more than the largest id.
    var idCount: Int { tokens.count }

    /// Reads an object of tokens and ids.
    ///
    /// - Throws: `EmbedderError` with code `invalidModel` when an id is not an integer, out of range
    ///   or used twice, or when there is none.
    init(_ node: JSONNode) throws(EmbedderError) {
        let members = try node.members()
        guard !members.isEmpty else { throw node.failure("is empty") }
        var keys: [(bytes: [UInt8], value: Int32)] = []
        keys.reserveCapacity(members.count)
        for member in members {
            guard case .integer(let id) = member.value.content, (0...Int64(Self.idMax)).contains(id)
            else {
                throw node.failure(
                    "gives \(member.name.debugDescription) no id from 0 to \(Self.idMax)"
                )
            }
            keys.append((Array(member.name.utf8), Int32(id)))
        }
        try self.init(keys, at: node)
    }

    /// Takes tokens in the order of their ids.
    ///
    /// - Throws: `EmbedderError` with code `invalidModel` when there is none, too many, or one twice.
    init(tokens: [String], at node: JSONNode) throws(EmbedderError) {
        guard (1...Self.idMax).contains(tokens.count) else {
            throw node.failure("must hold 1 to \(Self.idMax) tokens")
        }
        let keys = tokens.enumerated().map { (bytes: Array($1.utf8), value: Int32($0)) }
        try self.init(keys, at: node)
    }

    private init(
        _ unsorted: [(bytes: [UInt8], value: Int32)],
        at node: JSONNode
    ) throws(EmbedderError) {
        let keys = unsorted.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        for (key, next) in zip(keys, keys.dropFirst()) where key.bytes == next.bytes {
            let token = String(decoding: key.bytes, as: UTF8.self)
            throw node.failure("holds \(token.debugDescription) twice")
        }
        tokens = try Self.tokens(of: keys, at: node)
        trie = ByteTrie(sortedKeys: keys)
        count = keys.count
    }

    private static func tokens(
        of keys: [(bytes: [UInt8], value: Int32)],
        at node: JSONNode
    ) throws(EmbedderError) -> [String?] {
        let idMax = keys.map(\.value).max() ?? -1
        var tokens = [String?](repeating: nil, count: Int(idMax) + 1)
        for key in keys {
            let token = String(decoding: key.bytes, as: UTF8.self)
            if let other = tokens[Int(key.value)] {
                throw node.failure(
                    "gives id \(key.value) to \(other.debugDescription) and \(token.debugDescription)"
                )
            }
            tokens[Int(key.value)] = token
        }
        return tokens
    }

    /// The token with this id.
    func token(id: Int32) -> String? {
        tokens.indices.contains(Int(id)) ? tokens[Int(id)] : nil
    }

    /// The id of this token.
    func id(token: String) -> Int32? {
        trie.value(of: token.utf8)
    }
}
