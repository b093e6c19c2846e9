internal import Crypto
internal import Foundation

/// SHA-256 over values in a canonical form: each part is preceded by its length, so that no two
/// different lists of parts have the same bytes.
struct ContentHash {
    private var hasher = SHA256()

    /// Starts a hash for one purpose; hashes of different purposes never collide.
    init(purpose: StaticString) {
        add("\(purpose)")
    }

    /// Adds text; `nil` differs from empty.
    mutating func add(_ text: String?) {
        guard let text else {
            add(count: -1)
            return
        }
        add(count: text.utf8.count)
        hasher.update(data: Data(text.utf8))
    }

    /// The 32 bytes of everything added.
    func bytes() -> [UInt8] { Array(hasher.finalize()) }

    private mutating func add(count: Int) {
        var rest = UInt64(bitPattern: Int64(count))
        var bytes: [UInt8] = []
        for _ in 0..<8 {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
        hasher.update(data: bytes)
    }
}

extension ContentHash {
    /// What a document's chunks depend on: equal hashes, equal chunks and vectors.
    static func document(title: String?, text: String) -> [UInt8] {
        var hash = ContentHash(purpose: "document")
        hash.add(title)
        hash.add(text)
        return hash.bytes()
    }

    /// What a chunk's vector and token codes depend on: 16 bytes, enough that no two of 2⁵⁰ texts
    /// share them by chance.
    static func embeddedText(_ text: String) -> [UInt8] {
        var hash = ContentHash(purpose: "embedded text")
        hash.add(text)
        return Array(hash.bytes().prefix(16))
    }

    /// The id of a document that came without one.
    static func documentID(contentHash: [UInt8]) -> String {
        "doc-"
            + contentHash.prefix(16).map { byte in
                let digits = String(byte, radix: 16)
                return digits.count == 1 ? "0" + digits : digits
            }.joined()
    }
}
