/// A user's secret for the hub.
///
/// Its description never shows it, so that no message or log can.
package struct HubToken: Sendable, CustomStringConvertible {
    /// What the `Authorization` header holds.
    let authorization: String

    /// Far more than any token has.
    private static let byteCountMax = 4_096

    /// Reads a token, white space around it left out.
    ///
    /// - Throws: `invalidArgument` when it holds what a header cannot.
    package init(_ text: String) throws(HubError) {
        let token = text.drop(while: \.isWhitespace)
        let trimmed = token.prefix { !$0.isWhitespace }
        let rest = token.dropFirst(trimmed.count)
        guard rest.allSatisfy(\.isWhitespace), trimmed.utf8.count <= Self.byteCountMax,
            trimmed.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw HubError(.invalidArgument, "HF_TOKEN is not a token: expected one printable word")
        }
        authorization = "Bearer \(trimmed)"
    }

    /// Not the token.
    package var description: String { "a token" }
}
