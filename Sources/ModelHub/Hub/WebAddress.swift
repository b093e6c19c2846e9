internal import Foundation

/// An absolute `http` or `https` address, which knows whether another one is on the same server.
package struct WebAddress: Sendable, Equatable, CustomStringConvertible {
    /// Scheme, host and port: what a token may be sent to.
    package struct Origin: Sendable, Equatable {
        let scheme: String
        let host: String
        let port: Int

        /// Whether nobody on the way can read along.
        var isPrivate: Bool {
            scheme == "https" || host == "localhost" || host == "::1" || host.hasPrefix("127.")
        }
    }

    private let url: URL
    package let origin: Origin

    /// Reads an address.
    ///
    /// - Throws: `invalidArgument` when `text` is not an absolute address of these schemes, or holds
    ///   a user's name.
    package init(_ text: String) throws(HubError) {
        guard let url = URL(string: text) else { throw Self.invalid(text) }
        try self.init(url)
    }

    private init(_ url: URL) throws(HubError) {
        let url = url.absoluteURL
        guard let scheme = url.scheme?.lowercased(), scheme == "https" || scheme == "http",
            let host = url.host(percentEncoded: false)?.lowercased(), !host.isEmpty,
            url.user() == nil, url.password() == nil
        else { throw Self.invalid(url.absoluteString) }
        self.url = url
        origin = Origin(
            scheme: scheme,
            host: host,
            port: url.port ?? (scheme == "https" ? 443 : 80)
        )
    }

    /// The address in full.
    package var description: String { url.absoluteString }

    /// The address without its query, which may hold a signature: what messages show.
    var place: String {
        Printable("\(origin.scheme)://\(url.host() ?? origin.host)\(portSuffix)\(url.path())")
            .description
    }

    private var portSuffix: String { url.port.map { ":\($0)" } ?? "" }

    /// The address that a `Location` header on an answer from here leads to, relative or absolute.
    func following(location: String) throws(HubError) -> WebAddress {
        guard let target = URL(string: location, relativeTo: url) else {
            throw Self.invalid(location)
        }
        return try WebAddress(target)
    }

    /// This address with the query of another one.
    func takingQuery(of other: WebAddress) -> WebAddress {
        guard var parts = URLComponents(url: url, resolvingAgainstBaseURL: true) else {
            return self
        }
        parts.percentEncodedQuery = other.url.query()
        guard let joined = parts.url, let address = try? WebAddress(joined) else { return self }
        return address
    }

    private static func invalid(_ text: String) -> HubError {
        HubError(
            .invalidArgument,
            "'\(Printable(text))' is not an address; expected https://HOST, without a user's name"
        )
    }
}
