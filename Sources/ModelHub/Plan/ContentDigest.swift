/// What a file must hash to: the name by which the hub's storage knows its content.
package enum ContentDigest: Sendable, Equatable, CustomStringConvertible {
    /// SHA-256 of the content: large files, which git keeps elsewhere.
    case sha256(String)
    /// SHA-1 of git's blob, the content behind a header with its size: all other files.
    case gitBlob(String)

    /// Reads the SHA-256 of a large file; nil when it is not 64 hexadecimal digits.
    package init?(sha256 text: String) {
        guard Self.isHexadecimal(text, count: 64) else { return nil }
        self = .sha256(text)
    }

    /// Reads the name of a git blob; nil when it is not 40 hexadecimal digits.
    package init?(gitBlob text: String) {
        guard Self.isHexadecimal(text, count: 40) else { return nil }
        self = .gitBlob(text)
    }

    /// The digits.
    package var hexadecimal: String {
        switch self {
        case .sha256(let digits), .gitBlob(let digits): digits
        }
    }

    /// Which hash, and its digits.
    package var description: String {
        switch self {
        case .sha256(let digits): "sha256:\(digits)"
        case .gitBlob(let digits): "git:\(digits)"
        }
    }

    /// Whether `text` is that many digits in the lower case that git and the hub write.
    static func isHexadecimal(_ text: String, count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }
}
