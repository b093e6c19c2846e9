import Foundation
import RagCore
import RemoteEngine
import Synchronization
import Testing

/// Servers that do what servers do, over real sockets.
@Suite("A server of vectors and scores")
struct RemoteServiceTests {
    private static let key = "sk-test-123456"
    private static let two =
        #"{"data":[{"index":1,"embedding":[0,1]},{"index":0,"embedding":[1,0]}]}"#

    /// Runs `body` with a service of a server that answers by `script`.
    private func run(
        _ script: PeerScript,
        attempts: Int = 3,
        seconds: Int = 5,
        _ body: (any RemoteService, PeerServer) async throws -> Void
    ) async throws {
        try await PeerServer.run(script) { server in
            let endpoint = RemoteEndpoint(
                url: server.url,
                model: "m",
                key: .environment("KEY"),
                answerSecondsMax: seconds,
                attemptsMax: attempts
            )
            let service = try HTTPRemoteConnector(environment: ["KEY": Self.key])
                .connect(to: endpoint, named: "far") { _ in }
            do {
                try await body(service, server)
            } catch {
                await service.close()
                throw error
            }
            await service.close()
        }
    }

    private func failure(
        _ service: any RemoteService,
        dimension: Int? = nil
    ) async -> RagError? {
        do {
            _ = try await service.embed(["a", "b"], dimension: dimension)
            return nil
        } catch {
            return error
        }
    }

    @Test("texts, model and key go to /v1/embeddings; vectors come back in order")
    func embeds() async throws {
        try await run(PeerScript { _, _ in PeerReply(body: Self.two) }) { service, server in
            let vectors = try await service.embed(["a", "b"], dimension: 2)
            #expect(vectors == [[1, 0], [0, 1]])
            let request = try #require(server.requests.first)
            #expect(request.path == "/v1/embeddings")
            #expect(request.authorization == "Bearer \(Self.key)")
            #expect(request.body.contains(#""model":"m""#))
            #expect(request.body.contains(#""input":["a","b"]"#))
        }
    }

    @Test("failures of a moment are asked again", arguments: [500, 502, 503, 504, 429])
    func recovers(status: Int) async throws {
        try await run(
            PeerScript { _, number in
                number < 2
                    ? PeerReply(status: status, headers: [("retry-after", "0")])
                    : PeerReply(body: Self.two)
            }
        ) { service, server in
            _ = try await service.embed(["a", "b"], dimension: nil)
            #expect(server.requests.count == 3)
        }
    }

    @Test("a wait that the server asks for is made, or passed on when it is too long")
    func retryAfter() async throws {
        try await run(
            PeerScript { _, number in
                number == 0
                    ? PeerReply(status: 429, headers: [("retry-after", "1")])
                    : PeerReply(body: Self.two)
            }
        ) { service, _ in
            let start = ContinuousClock.now
            _ = try await service.embed(["a", "b"], dimension: nil)
            #expect(start.duration(to: .now) >= .seconds(1))
        }
        try await run(
            PeerScript { _, _ in PeerReply(status: 429, headers: [("retry-after", "77")]) }
        ) {
            service,
            server in
            let error = await failure(service)
            #expect(error?.kind == .overloaded(retryAfterSeconds: 77))
            #expect(server.requests.count == 1)
        }
    }

    @Test("a server that is down is unavailable, by the name of the entry and not by its address")
    func down() async throws {
        let endpoint = RemoteEndpoint(url: "http://127.0.0.1:9/secret", attemptsMax: 2)
        let events = EventRecorder()
        let service = try HTTPRemoteConnector(environment: [:])
            .connect(to: endpoint, named: "far", onEvent: events.note)
        let error = await failure(service)
        #expect(error?.kind == .unavailable)
        let message = try #require(error?.message)
        #expect(message == "model 'far': its server cannot be reached: the connection failed")
        // The log has the rest.
        #expect(events.endings.count == 4)
        #expect(events.endings.last?.hasPrefix("failed: the connection failed: ") == true)
        await service.close()
    }

    @Test("a server that is slow is given up, and asked once only")
    func slow() async throws {
        try await run(PeerScript { _, _ in PeerReply(isSilent: true) }, seconds: 1) {
            service,
            server in
            let error = await failure(service)
            #expect(error?.kind == .unavailable)
            #expect(error?.message.contains("within 1 s") == true)
            #expect(server.requests.count == 1)
        }
    }

    @Test("a cut connection is asked again, and then unavailable")
    func cut() async throws {
        try await run(PeerScript { _, _ in PeerReply(body: Self.two, isCut: true) }, attempts: 2) {
            service,
            server in
            let error = await failure(service)
            #expect(error?.kind == .unavailable)
            #expect(server.requests.count == 2)
        }
    }

    @Test(
        "an answer that cannot be used is refused at once, by what is wrong with it",
        arguments: [
            ("<html>", "no JSON"),
            (#"{"data":[{"index":0,"embedding":[1,0]}]}"#, "1 results for 2"),
            (
                #"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1]}]}"#,
                "1 dimensions"
            ),
            (String(repeating: " ", count: 200_000), "more than"),
        ]
    )
    func wrong(body: String, part: String) async throws {
        try await run(PeerScript { _, _ in PeerReply(body: body) }) { service, server in
            let error = await failure(service, dimension: 2)
            #expect(error?.kind == .upstream)
            #expect(error?.message.contains(part) == true, "\(String(describing: error))")
            #expect(server.requests.count == 1)
        }
    }

    @Test("a redirect is not followed, and the key stays")
    func redirect() async throws {
        try await run(
            PeerScript { request, _ in
                PeerReply(status: 307, headers: [("location", "/elsewhere\(request.path)")])
            }
        ) { service, server in
            let error = await failure(service)
            #expect(error?.kind == .upstream)
            #expect(error?.message.contains("not followed") == true)
            #expect(server.requests.count == 1)
        }
    }

    @Test(
        "the key is in no error, whatever the server writes",
        arguments: [400, 401, 403, 404, 500]
    )
    func secret(status: Int) async throws {
        let body = #"{"error":"wrong key \#(Self.key)\u001b[2J"}"#
        try await run(PeerScript { _, _ in PeerReply(status: status, body: body) }, attempts: 1) {
            service,
            _ in
            let error = try #require(await failure(service))
            #expect(!"\(error)".contains(Self.key))
            #expect(!"\(error)".contains("\u{1B}"))
            #expect((error.code == RagError.remoteRefusedCode) == (status == 400))
        }
    }

    @Test("every attempt and every wait is told")
    func events() async throws {
        let events = Mutex<[String]>([])
        try await PeerServer.run(
            PeerScript { _, number in
                number == 0
                    ? PeerReply(status: 503, headers: [("retry-after", "0")])
                    : PeerReply(body: Self.two)
            }
        ) { server in
            let recorder = EventRecorder()
            let service = try HTTPRemoteConnector(environment: [:])
                .connect(to: RemoteEndpoint(url: server.url), named: "far") { recorder.note($0) }
            _ = try await service.embed(["a", "b"], dimension: nil)
            await service.close()
            events.withLock { $0 = recorder.endings }
        }
        #expect(events.withLock(\.self) == ["failed", "retry", "answered"])
    }

    @Test("passages go to /v1/rerank, or as texts to /rerank")
    func scores() async throws {
        let answer =
            #"{"results":[{"index":1,"relevance_score":2},{"index":0,"relevance_score":1}]}"#
        try await run(PeerScript { _, _ in PeerReply(body: answer) }) { service, server in
            let scores = try await service.score(["a", "b"], for: "q")
            #expect(scores == [1, 2])
            let request = try #require(server.requests.first)
            #expect(request.path == "/v1/rerank")
            #expect(request.body.contains(#""documents":["a","b"]"#))
        }
        try await PeerServer.run(
            PeerScript { _, _ in
                PeerReply(body: #"[{"index":1,"score":2},{"index":0,"score":1}]"#)
            }
        ) { server in
            let service = try HTTPRemoteConnector(environment: [:])
                .connect(to: RemoteEndpoint(url: server.url, api: .tei), named: "far") { _ in }
            let scores = try await service.score(["a", "b"], for: "q")
            #expect(scores == [1, 2])
            #expect(server.requests.first?.path == "/rerank")
            #expect(server.requests.first?.body.contains(#""texts":["a","b"]"#) == true)
            await service.close()
        }
    }

    @Test("a key that is not there is refused by where it should be")
    func missingKey() {
        for source in [
            RemoteEndpoint.KeySource.environment("NO_SUCH_KEY"), .file("/nonexistent/key"),
        ] {
            let endpoint = RemoteEndpoint(url: "http://127.0.0.1:9", key: source)
            #expect(throws: RagError.self) {
                try HTTPRemoteConnector(environment: ["NO_SUCH_KEY": " "]).check(endpoint)
            }
        }
    }
}

/// Thread safety: the events are in a `Mutex`.
private final class EventRecorder: Sendable {
    private let seen = Mutex<[String]>([])

    var endings: [String] { seen.withLock(\.self) }

    func note(_ event: RemoteEvent) {
        seen.withLock { seen in
            switch event {
            case .attempt(_, let ending): seen.append("\(ending)")
            case .retry: seen.append("retry")
            case .failed(let reason): seen.append("failed: \(reason)")
            }
        }
    }
}
