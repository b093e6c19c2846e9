import HTTPTypes
package import Hummingbird

/// Asks for the key before anything of a request's body is read.
package struct AuthenticationMiddleware: RouterMiddleware {
    private let key: [UInt8]

    /// Makes a middleware that accepts `key` alone.
    package init(key: String) {
        precondition(!key.isEmpty, "an empty key would let everyone in")
        self.key = Array(key.utf8)
    }

    /// Passes the request on when it carries the key.
    package func handle(
        _ request: Request,
        context: RagRequestContext,
        next: (Request, RagRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let credentials = request.headers[.authorization] else {
            throw APIError(
                .unauthenticated,
                "an API key is required; send the header 'authorization: Bearer KEY'",
                code: "missing_api_key"
            )
        }
        let scheme = "bearer "
        guard credentials.lowercased().hasPrefix(scheme),
            matches(Array(credentials.utf8.dropFirst(scheme.utf8.count)))
        else {
            throw APIError(
                .unauthenticated,
                "the API key is not valid; it must be the one that the daemon was started with",
                code: "invalid_api_key"
            )
        }
        return try await next(request, context)
    }

    /// Compares in a time that depends on the length of the candidate only, so that the time of an
    /// answer does not tell how many bytes were right.
    private func matches(_ candidate: [UInt8]) -> Bool {
        var difference = candidate.count == key.count ? UInt8(0) : 1
        for (index, byte) in candidate.enumerated() {
            difference |= byte ^ key[index % key.count]
        }
        return difference == 0
    }
}
