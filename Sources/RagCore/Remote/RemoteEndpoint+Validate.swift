internal import Foundation

extension RemoteEndpoint {
    /// Texts in a request: 2,048 is OpenAI's own limit.
    package static let batchTextsRange = 1...2_048
    /// Tokens in a request: 300,000 is OpenAI's own limit.
    package static let batchTokensRange = 16...300_000
    /// Requests in flight: one for each class at least; more than 64 are no longer a queue.
    package static let requestsRange = 2...64
    /// Seconds for a connection or an answer: past ten minutes nobody waits.
    package static let secondsRange = 1...600
    /// Attempts of a request.
    package static let attemptsRange = 1...10

    /// Whether what is sent can be read on the way by others than the two machines.
    package var isPlain: Bool {
        guard let parts = URLComponents(string: url), let host = parts.host else { return false }
        let isLoopback = host == "localhost" || host == "[::1]" || host.hasPrefix("127.")
        return parts.scheme?.lowercased() == "http" && !isLoopback
    }

    /// Refuses an endpoint that makes no sense by itself.
    ///
    /// - Parameter path: the entry's place, for the error's `param`.
    /// - Throws: `invalid` naming the field; a password in an address is not repeated.
    func validate(path: String) throws(RagError) {
        let parts = URLComponents(string: url)
        let scheme = parts?.scheme?.lowercased()
        guard let parts, scheme == "http" || scheme == "https", parts.host?.isEmpty == false,
            parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil
        else {
            throw RagError(
                .invalid,
                "the url is no address of a server: it must be http:// or https://, a host, and "
                    + "perhaps a port and a path, such as http://127.0.0.1:8000/v1; a key goes into "
                    + "api_key_env or api_key_file",
                param: "\(path).url"
            )
        }
        if let model {
            let isPlain = !model.isEmpty && model.utf8.count <= 256
            guard isPlain, !model.unicodeScalars.contains(where: \.isControl) else {
                throw RagError(
                    .invalid,
                    "remote_model must be 1 to 256 bytes without control characters",
                    param: "\(path).remote_model"
                )
            }
        }
        let limits: [(Int, ClosedRange<Int>, String)] = [
            (batchTextsMax, Self.batchTextsRange, "batch_texts"),
            (batchTokensMax, Self.batchTokensRange, "batch_tokens"),
            (requestsMax, Self.requestsRange, "requests_in_flight"),
            (connectSecondsMax, Self.secondsRange, "connect_timeout"),
            (answerSecondsMax, Self.secondsRange, "timeout"),
            (attemptsMax, Self.attemptsRange, "attempts"),
        ]
        for (value, range, name) in limits {
            try Limits.check(value, in: range, name, param: "\(path).\(name)")
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool { properties.generalCategory == .control }
}
