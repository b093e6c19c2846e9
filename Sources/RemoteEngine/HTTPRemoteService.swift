internal import AsyncHTTPClient
internal import Foundation
internal import HTTPRetry
internal import NIOCore
internal import NIOHTTP1
internal import RagCore

/// One server over HTTP: a call is one request, made as often as `RequestAttempts` says.
///
/// Redirects are not followed: the key is for one server, and an address that moved is for the operator
/// to correct.
///
/// Thread safety: immutable; the HTTP client guards itself.
struct HTTPRemoteService: RemoteService {
    let name: String
    let endpoint: RemoteEndpoint
    let key: RemoteKey?
    let http: HTTPClient
    let onEvent: @Sendable (RemoteEvent) -> Void

    private var model: String { endpoint.model ?? name }

    func embed(_ texts: [String], dimension: Int?) async throws(RagError) -> [[Float]] {
        do throws(RemoteError) {
            let body = try RequestBody.embeddings(
                model: model,
                texts: texts,
                format: endpoint.vectorFormat.rawValue
            )
            let limit = EmbeddingsAnswer.byteCountMax(texts: texts.count, dimension: dimension)
            return try await ask("embeddings", body, byteCountMax: limit) {
                bytes throws(RemoteError) in
                try EmbeddingsAnswer.vectors(bytes, count: texts.count, dimension: dimension)
            }
        } catch {
            throw error.ragError(of: name)
        }
    }

    func score(_ passages: [String], for query: String) async throws(RagError) -> [Float] {
        do throws(RemoteError) {
            let body =
                switch endpoint.api {
                case .openai:
                    try RequestBody.rerank(model: model, query: query, passages: passages)
                case .tei: try RequestBody.textsRerank(query: query, passages: passages)
                }
            let limit = RerankAnswer.byteCountMax(passages: passages)
            return try await ask("rerank", body, byteCountMax: limit) {
                bytes throws(RemoteError) in
                try RerankAnswer.scores(bytes, count: passages.count)
            }
        } catch {
            throw error.ragError(of: name)
        }
    }

    func close() async {
        try? await http.shutdown()
    }

    // MARK: - Attempts

    private struct Answer: Sendable {
        let status: Int
        let retryAfter: Duration?
        let body: [UInt8]
    }

    private func ask<Value>(
        _ route: String,
        _ body: [UInt8],
        byteCountMax: Int,
        _ read: ([UInt8]) throws(RemoteError) -> Value
    ) async throws(RemoteError) -> Value {
        var attempts = RequestAttempts(attemptsMax: endpoint.attemptsMax)
        while true {
            let start = ContinuousClock.now
            let outcome: RequestAttempts.Outcome
            var answer: Answer?
            do throws(RemoteError) {
                let got = try await attempt(route, body, byteCountMax: byteCountMax)
                answer = got
                outcome = .answered(status: got.status, retryAfter: got.retryAfter)
            } catch {
                outcome = .failed(error)
            }
            let duration = start.duration(to: .now)
            switch attempts.next(outcome, jitter: Double.random(in: 0..<1)) {
            case .read:
                do throws(RemoteError) {
                    let value = try read(answer?.body ?? [])
                    onEvent(.attempt(duration, .answered))
                    return value
                } catch {
                    onEvent(.attempt(duration, .failed))
                    throw error
                }
            case .refuse:
                let error = refusal(answer?.status ?? 0, answer?.body ?? [])
                onEvent(.attempt(duration, error.code == .refused ? .refused : .failed))
                throw error
            case .retry(let wait):
                onEvent(.attempt(duration, .failed))
                onEvent(.retry(after: wait, reason: Self.reason(outcome)))
                do {
                    try await Task.sleep(for: wait)
                } catch {
                    throw RemoteError(.cancelled, "cancelled")
                }
            case .fail(let error):
                onEvent(.attempt(duration, .failed))
                if error.code != .cancelled { onEvent(.failed(reason: Self.reason(outcome))) }
                throw error
            }
        }
    }

    private static func reason(_ outcome: RequestAttempts.Outcome) -> String {
        switch outcome {
        case .answered(let status, _): "status \(status)"
        case .failed(let error): error.detail ?? error.message
        }
    }

    /// The error of a status that is no success and will not be one.
    private func refusal(_ status: Int, _ body: [UInt8]) -> RemoteError {
        switch status {
        case 300..<400:
            return RemoteError(
                .redirected,
                "its server sends elsewhere (status \(status)), which is not followed; correct url"
            )
        case 401, 403:
            // What it says of the key may hold it.
            return RemoteError(
                .denied,
                "its server refuses the key (status \(status)); correct api_key_env or api_key_file"
            )
        case 400, 413, 422:
            return RemoteError(
                .refused,
                "its server refuses the texts (status \(status)): \(message(in: body))"
            )
        default:
            return RemoteError(
                .denied,
                "its server answers with status \(status): \(message(in: body)); correct url or "
                    + "remote_model"
            )
        }
    }

    private func message(in body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(4_096), as: UTF8.self)
        return ServerText.shown(text, hiding: key)
    }

    // MARK: - One attempt

    /// One attempt within the time for it; the answer is read whole.
    private func attempt(
        _ route: String,
        _ body: [UInt8],
        byteCountMax: Int
    ) async throws(RemoteError) -> Answer {
        let seconds = endpoint.answerSecondsMax
        do {
            return try await withThrowingTaskGroup(of: Answer?.self) { group in
                group.addTask { try await exchange(route, body, byteCountMax) }
                group.addTask {
                    try await Task.sleep(for: .seconds(seconds))
                    return nil
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let answer = first else {
                    throw RemoteError(.timeout, "its server does not answer within \(seconds) s")
                }
                return answer
            }
        } catch let error as RemoteError {
            throw error
        } catch {
            throw connectionError(error)
        }
    }

    private func exchange(
        _ route: String,
        _ body: [UInt8],
        _ byteCountMax: Int
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: address(of: route))
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "user-agent", value: "ragd")
        request.headers.add(name: "accept-encoding", value: "identity")
        if let key { request.headers.add(name: "authorization", value: key.authorization) }
        request.body = .bytes(ByteBuffer(bytes: body))
        let response = try await http.execute(request, deadline: .distantFuture)
        let announced = response.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        var bytes: [UInt8] = []
        if announced <= byteCountMax {
            for try await piece in response.body {
                bytes.append(contentsOf: piece.readableBytesView)
                guard bytes.count <= byteCountMax else { break }
            }
        }
        guard announced <= byteCountMax, bytes.count <= byteCountMax else {
            throw RemoteError(
                .tooLarge,
                "the answer of its server has more than \(byteCountMax) bytes, the most that was asked "
                    + "for"
            )
        }
        return Answer(
            status: Int(response.status.code),
            retryAfter: RetryAfter.duration(
                retryAfter: response.headers.first(name: "retry-after"),
                now: Date()
            ),
            body: bytes
        )
    }

    /// The address of a route; without a path OpenAI's `/v1` is meant.
    private func address(of route: String) -> String {
        var base = endpoint.url
        while base.hasSuffix("/") { base.removeLast() }
        let path = URLComponents(string: base)?.path ?? ""
        if path.isEmpty, endpoint.api == .openai { base += "/v1" }
        return "\(base)/\(route)"
    }

    /// The error of a connection, of which callers learn neither the address nor what lies there.
    private func connectionError(_ error: any Error) -> RemoteError {
        if error is CancellationError || Task.isCancelled {
            return RemoteError(.cancelled, "cancelled")
        }
        let reason =
            switch error as? HTTPClientError {
            case .some(.connectTimeout): "the connection could not be made in time"
            case .some(.remoteConnectionClosed): "the connection was cut"
            default: "the connection failed"
            }
        return RemoteError(
            .unreachable,
            "its server cannot be reached: \(reason)",
            detail: "\(reason): \(ServerText.shown("\(error)", hiding: key))"
        )
    }
}
