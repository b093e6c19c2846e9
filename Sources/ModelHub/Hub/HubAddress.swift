internal import Foundation

/// A hub, and where it keeps things: the one place that knows its routes.
///
/// Reference: the hub's own client, `huggingface_hub`, and the routes that it asks.
package struct HubAddress: Sendable {
    /// The public hub.
    package static let standard = "https://huggingface.co"

    /// What is asked, `HF_ENDPOINT` or the public hub.
    package let base: WebAddress
    private let prefix: String

    /// Reads the address of a hub or of its mirror, such as `https://hub.example/mirror`.
    ///
    /// - Throws: `invalidArgument`.
    package init(_ text: String) throws(HubError) {
        prefix = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard !prefix.contains("?"), !prefix.contains("#") else {
            throw HubError(
                .invalidArgument,
                "'\(Printable(text))' is not a hub's address; expected one without query"
            )
        }
        base = try WebAddress(prefix)
    }

    /// The page of a repository, for people.
    package func page(of reference: RepositoryReference) -> String {
        "\(prefix)/\(reference.repository)"
    }

    /// What a revision is called by its commit.
    func information(of reference: RepositoryReference) throws(HubError) -> WebAddress {
        try WebAddress(
            "\(prefix)/api/models/\(reference.repository)/revision/\(escape(reference.revision))"
        )
    }

    /// Every file of a commit, by pages.
    func tree(of reference: RepositoryReference, commit: String) throws(HubError) -> WebAddress {
        try WebAddress("\(prefix)/api/models/\(reference.repository)/tree/\(commit)?recursive=true")
    }

    /// One file of a commit.
    func file(
        _ path: RepositoryPath,
        of reference: RepositoryReference,
        commit: String
    ) throws(HubError) -> WebAddress {
        let parts = path.text.split(separator: "/").map { escape(String($0)) }
        return try WebAddress(
            "\(prefix)/\(reference.repository)/resolve/\(commit)/\(parts.joined(separator: "/"))"
        )
    }

    /// A part of a path, percent-encoded: its slashes too, for `refs/pr/1` is one part.
    private func escape(_ text: String) -> String {
        let unreserved = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
        )
        // Never nil: every string can be percent-encoded.
        return text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? text
    }
}
