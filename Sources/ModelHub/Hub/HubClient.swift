internal import AsyncHTTPClient
internal import Foundation
internal import HTTPRetry
internal import NIOCore
internal import NIOHTTP1

/// Asks a hub over HTTP, one attempt at a time: redirects, the token, time-outs.
///
/// Redirects are followed here and not by the HTTP library, for the token's sake: it goes to the
/// hub's own scheme, host and port only, and once a redirect has left them it is not sent again.
///
/// Thread safety: immutable.
struct HubClient: Sendable {
    /// An answer whose body has not been read.
    struct Answer {
        let head: AnswerHead
        let headers: HTTPHeaders
        let body: Body
    }

    /// The pieces of a body, with this module's errors.
    struct Body {
        fileprivate let address: WebAddress
        fileprivate let pieces: HTTPClientResponse.Body

        /// Begins to read; a body is read once.
        func makeAsyncIterator() -> Pieces {
            Pieces(address: address, iterator: pieces.makeAsyncIterator())
        }

        /// The whole body.
        ///
        /// - Throws: `unavailable`, and `damaged` when it has more than `limit` bytes.
        func collect(upTo limit: Int) async throws(HubError) -> [UInt8] {
            var bytes: [UInt8] = []
            var pieces = makeAsyncIterator()
            while let piece = try await pieces.next() {
                guard bytes.count + piece.readableBytes <= limit else {
                    throw HubError(
                        .damaged,
                        "\(address.place) answers with more than \(limit) bytes"
                    )
                }
                bytes.append(contentsOf: piece.readableBytesView)
            }
            return bytes
        }
    }

    /// The rest of a body.
    struct Pieces {
        fileprivate let address: WebAddress
        fileprivate var iterator: HTTPClientResponse.Body.AsyncIterator

        /// The next piece, nil at the end.
        mutating func next() async throws(HubError) -> ByteBuffer? {
            do {
                return try await iterator.next()
            } catch {
                throw HubClient.connectionError(error, at: address)
            }
        }
    }

    let address: HubAddress
    private let token: HubToken?
    private let http: HTTPClient

    /// The hub's own client follows as many as `requests` does, 30; real chains have two.
    private static let redirectCountMax = 8
    /// The body of a redirect, read so that its connection can be used again.
    private static let redirectByteCountMax = 64 << 10

    /// Makes a client.
    ///
    /// - Throws: `invalidArgument` when the token would travel without encryption.
    init(address: HubAddress, token: HubToken?, http: HTTPClient) throws(HubError) {
        guard token == nil || address.base.origin.isPrivate else {
            throw HubError(
                .invalidArgument,
                "HF_TOKEN would go to \(address.base.place) without encryption; use https, or unset "
                    + "HF_TOKEN where the mirror needs none"
            )
        }
        self.address = address
        self.token = token
        self.http = http
    }

    /// Whether a token is sent.
    var hasToken: Bool { token != nil }

    /// Sets up the HTTP library for a hub.
    ///
    /// HTTP/1.1 only: one large body at a time is what flow control of HTTP/2 makes slow.
    static func makeHTTP(stallTimeout: Duration) -> HTTPClient {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(15)
        configuration.timeout.read = .nanoseconds(Int64(stallTimeout / .nanoseconds(1)))
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Asks for `target` and follows redirects to the answer.
    ///
    /// - Parameters:
    ///   - target: an address of the hub.
    ///   - offset: the first byte that is wanted.
    ///   - ifRange: the entity tag without which the whole is wanted.
    /// - Returns: the first answer that is no redirect.
    /// - Throws: `unavailable` when there is no answer, `damaged` for redirects that lead nowhere.
    func get(
        _ target: WebAddress,
        offset: Int = 0,
        ifRange: String? = nil
    ) async throws(HubError) -> Answer {
        var address = target
        var mayHaveToken = true
        var linkedDigest: String?
        for _ in 0...Self.redirectCountMax {
            let isHub = address.origin == self.address.base.origin
            mayHaveToken = mayHaveToken && isHub
            let request = request(address, offset, ifRange, withToken: mayHaveToken)
            let response = try await execute(request, at: address)
            if isHub, let named = response.headers.first(name: "x-linked-etag") {
                linkedDigest = named.trimmingCharacters(in: CharacterSet(charactersIn: "\"W/ "))
            }
            guard (300..<400).contains(response.status.code), response.status.code != 304,
                let location = response.headers.first(name: "location")
            else {
                var head = AnswerHead(response)
                head.isFromHub = isHub
                head.linkedDigest = linkedDigest
                return Answer(
                    head: head,
                    headers: response.headers,
                    body: Body(address: address, pieces: response.body)
                )
            }
            _ = try? await response.body.collect(upTo: Self.redirectByteCountMax)
            address = try Self.follow(location, from: address)
        }
        throw HubError(
            .damaged,
            "\(target.place) redirects more than \(Self.redirectCountMax) times"
        )
    }

    private func request(
        _ address: WebAddress,
        _ offset: Int,
        _ ifRange: String?,
        withToken: Bool
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: address.description)
        request.headers.add(name: "user-agent", value: "ragd")
        // A compressed body has neither the size nor the ranges of the file.
        request.headers.add(name: "accept-encoding", value: "identity")
        if offset > 0 {
            request.headers.add(name: "range", value: "bytes=\(offset)-")
            if let ifRange { request.headers.add(name: "if-range", value: ifRange) }
        }
        if withToken, let token {
            request.headers.add(name: "authorization", value: token.authorization)
        }
        return request
    }

    private func execute(
        _ request: HTTPClientRequest,
        at address: WebAddress
    ) async throws(HubError) -> HTTPClientResponse {
        do {
            // No deadline: a body may take hours as long as it does not stall.
            return try await http.execute(request, deadline: .distantFuture)
        } catch {
            throw Self.connectionError(error, at: address)
        }
    }

    /// The error of a connection that failed while `address` was asked or its body read.
    fileprivate static func connectionError(_ error: any Error, at address: WebAddress) -> HubError
    {
        if error is CancellationError { return HubError(.cancelled, "cancelled") }
        let reason =
            switch error as? HTTPClientError {
            case .some(.readTimeout): "no byte came for too long"
            case .some(.connectTimeout): "the connection could not be made in time"
            case .some(.remoteConnectionClosed): "the connection was cut"
            default: Printable("\(error)").description
            }
        return HubError(.unavailable, "cannot read from \(address.place): \(reason)")
    }

    private static func follow(
        _ location: String,
        from address: WebAddress
    ) throws(HubError) -> WebAddress {
        let target: WebAddress
        do throws(HubError) {
            target = try address.following(location: location)
        } catch {
            throw HubError(.damaged, "\(address.place) redirects to nowhere: \(error.message)")
        }
        guard target.origin.scheme == "https" || address.origin.scheme == "http" else {
            throw HubError(
                .damaged,
                "\(address.place) redirects to \(target.place), out of encryption"
            )
        }
        return target
    }
}

extension AnswerHead {
    /// Reads the headers of an answer.
    fileprivate init(_ response: HTTPClientResponse) {
        let headers = response.headers
        self.init(status: Int(response.status.code))
        contentLength = headers.first(name: "content-length").flatMap { Int($0) }
        contentRange = headers.first(name: "content-range").flatMap(ContentRange.init)
        etag = headers.first(name: "etag").flatMap { $0.hasPrefix("\"") ? $0 : nil }
        errorCode = headers.first(name: "x-error-code")
        retryAfter = RetryAfter.duration(
            retryAfter: headers.first(name: "retry-after"),
            rateLimit: headers.first(name: "ratelimit"),
            now: Date()
        )
    }
}
