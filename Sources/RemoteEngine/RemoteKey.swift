internal import Foundation
package import RagCore

/// The key for a server.
///
/// Its description never shows it, so that no message or log can.
package struct RemoteKey: Sendable, CustomStringConvertible {
    private let text: String

    /// Far more than any key has.
    private static let byteCountMax = 4_096

    /// Finds a key.
    ///
    /// - Parameters:
    ///   - source: where it is.
    ///   - environment: every variable.
    /// - Throws: `invalid` saying where it should be, never what it is.
    package init(
        _ source: RemoteEndpoint.KeySource,
        environment: [String: String]
    ) throws(RagError) {
        let place: String
        let found: String?
        switch source {
        case .environment(let name):
            place = "the environment variable \(name)"
            found = environment[name]
        case .file(let path):
            place = "the file \(path)"
            found = Self.read(path)
        }
        guard let found else {
            throw RagError(
                .invalid,
                "\(place), which should hold a key, cannot be read or is not set"
            )
        }
        let key = found.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !key.isEmpty, key.utf8.count <= Self.byteCountMax,
            key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw RagError(.invalid, "\(place) holds no key: expected one printable word")
        }
        text = key
    }

    /// What the `Authorization` header holds.
    var authorization: String { "Bearer \(text)" }

    /// The same text without the key in it.
    func hidden(in message: String) -> String {
        message.replacingOccurrences(of: text, with: "***")
    }

    /// Not the key.
    package var description: String { "a key" }

    private static func read(_ path: String) -> String? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: byteCountMax + 2) else { return nil }
        return String(validating: data, as: UTF8.self)
    }
}
