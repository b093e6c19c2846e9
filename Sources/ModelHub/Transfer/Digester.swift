internal import Crypto
internal import Foundation

/// Hashes a file while it is written.
///
/// SHA-256 always, for the note that stays with the model; git's SHA-1 beside it where that is what
/// the hub lists. SHA-1 is no protection against whoever made the repository, who could have put
/// anything there anyway; it shows damage on the way, as TLS shows meddling.
struct Digester {
    private var sha256 = SHA256()
    private var gitBlob: Insecure.SHA1?

    /// Starts the hash of a file.
    init(_ file: RepositoryFile) {
        guard case .gitBlob = file.digest else { return }
        var hash = Insecure.SHA1()
        hash.update(data: Data("blob \(file.byteCount)\0".utf8))
        gitBlob = hash
    }

    /// Hashes the next bytes.
    mutating func update(_ bytes: Data) {
        sha256.update(data: bytes)
        gitBlob?.update(data: bytes)
    }

    /// SHA-256 of all bytes so far, in hexadecimal digits.
    var sha256Digits: String { Self.digits(sha256.finalize()) }

    /// Whether the bytes are those that `digest` names.
    func matches(_ digest: ContentDigest) -> Bool {
        switch digest {
        case .sha256(let expected): sha256Digits == expected
        case .gitBlob(let expected): gitBlob.map { Self.digits($0.finalize()) } == expected
        }
    }

    private static func digits(_ hash: some Sequence<UInt8>) -> String {
        hash.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
