import Foundation
import ModelHub
import Synchronization
import Testing

@Suite("Interrupted pulls")
struct PullInterruptionTests {
    private static let weights = FakeHub.files["model.safetensors"] ?? []
    /// Bytes that the hub sends before it cuts the connection; fewer may have come by then.
    private static let sent = 40_000

    /// Pulls from a hub that cuts the weights short and is unavailable from then on.
    private func interrupt(_ fixture: PullFixture) async throws {
        try await withHub(
            HubScript(
                onStore: { _, earlier in
                    earlier == 0
                        ? Reply(
                            headers: [("etag", "\"store-1\"")],
                            body: Self.weights,
                            cutAfter: Self.sent
                        ) : Reply(status: 503)
                }
            )
        ) { hub in
            #expect(await fixture.failure(hub)?.code == .unavailable)
        }
    }

    /// What has come of the weights.
    private static func part(_ fixture: PullFixture) -> URL {
        URL(fileURLWithPath: "\(fixture.models)/.pull/tiny-model/model/model.safetensors")
    }

    /// Where a request goes on.
    private static func start(of request: SeenRequest) -> Int? {
        request.header("range").flatMap { range in
            Int(range.dropFirst("bytes=".count).dropLast())
        }
    }

    @Test("go on where a connection was cut")
    func resumesInTheSameRun() async throws {
        let fixture = try PullFixture()
        try await withHub(
            HubScript(
                onStore: { _, earlier in
                    earlier == 0
                        ? Reply(
                            headers: [("etag", "\"store-1\"")],
                            body: Self.weights,
                            cutAfter: Self.sent
                        ) : nil
                }
            )
        ) { hub in
            try await fixture.pull(hub)
            #expect(fixture.content("model.safetensors") == Self.weights)
            let second = try #require(hub.store.requests.last)
            #expect((1...Self.sent).contains(try #require(Self.start(of: second))))
            #expect(second.header("if-range") == "\"store-1\"")
            #expect(fixture.clock.waits.count == 1)
        }
    }

    @Test("go on in a later run")
    func resumesInALaterRun() async throws {
        let fixture = try PullFixture()
        try await interrupt(fixture)
        #expect(fixture.paths.isEmpty)
        let kept = try Data(contentsOf: Self.part(fixture)).count
        #expect((1...Self.sent).contains(kept))
        try await withHub { hub in
            try await fixture.pull(hub)
            #expect(fixture.content("model.safetensors") == Self.weights)
            let request = try #require(hub.store.requests.first)
            #expect(Self.start(of: request) == kept)
        }
    }

    @Test("drop what belongs to another file")
    func dropsOtherContent() async throws {
        let fixture = try PullFixture()
        try await interrupt(fixture)
        var files = FakeHub.files
        files["model.safetensors"] = Self.weights.reversed()
        try await withHub(HubScript(files: files, commit: String(repeating: "e", count: 40))) {
            hub in
            try await fixture.pull(hub)
            #expect(fixture.content("model.safetensors") == files["model.safetensors"])
            #expect(hub.store.requests.first?.header("range") == nil)
        }
    }

    @Test("start over when a part that is there has been damaged")
    func startsOverAfterDamage() async throws {
        let fixture = try PullFixture()
        try await interrupt(fixture)
        let part = Self.part(fixture)
        try Data(repeating: 0, count: Data(contentsOf: part).count).write(to: part)
        try await withHub { hub in
            try await fixture.pull(hub)
            #expect(fixture.content("model.safetensors") == Self.weights)
            #expect(hub.store.requests.count == 2)
        }
    }

    @Test("start over when the rest is of another version")
    func startsOverForAnotherVersion() async throws {
        let fixture = try PullFixture()
        try await withHub(
            HubScript(
                onStore: { request, earlier in
                    switch earlier {
                    case 0: Reply(headers: [("etag", "\"old\"")], body: Self.weights, cutAfter: 100)
                    case 1:
                        // A host that ignores If-Range.
                        Reply(
                            status: 206,
                            headers: [
                                ("etag", "\"new\""), ("content-range", "bytes 100-99999/100000"),
                            ],
                            body: Array(Self.weights[100...])
                        )
                    default: nil
                    }
                }
            )
        ) { hub in
            try await fixture.pull(hub)
            #expect(fixture.content("model.safetensors") == Self.weights)
            #expect(hub.store.requests.last?.header("range") == nil)
        }
    }

    @Test("take the whole from a host that knows no ranges")
    func takesTheWhole() async throws {
        let fixture = try PullFixture()
        try await withHub(
            HubScript(
                onStore: { _, earlier in
                    Reply(body: Self.weights, cutAfter: earlier == 0 ? 100 : nil)
                }
            )
        ) { hub in
            try await fixture.pull(hub)
            #expect(fixture.content("model.safetensors") == Self.weights)
        }
    }

    @Test("make a connection anew that stalls")
    func leavesStalledConnections() async throws {
        let fixture = try PullFixture()
        try await withHub(
            HubScript(
                onStore: { _, earlier in
                    earlier == 0 ? Reply(body: Self.weights, stallAfter: 100) : nil
                }
            )
        ) { hub in
            try await fixture.pull(hub, stallTimeout: .milliseconds(150))
            #expect(fixture.content("model.safetensors") == Self.weights)
        }
    }

    @Test("wait as long as the hub asks")
    func honoursRetryAfter() async throws {
        let fixture = try PullFixture()
        try await withHub(
            HubScript(
                onHub: { request, earlier in
                    guard request.path.contains("/revision/"), earlier == 0 else { return nil }
                    return Reply(status: 429, headers: [("retry-after", "17")])
                },
                onStore: { _, earlier in
                    earlier == 0
                        ? Reply(status: 429, headers: [("ratelimit", "\"api\";r=0;t=55")]) : nil
                }
            )
        ) { hub in
            try await fixture.pull(hub)
            #expect(fixture.clock.waits == [.seconds(17), .seconds(55)])
        }
    }

    @Test("try again after a failure of the server", arguments: [500, 502, 503, 504, 408])
    func triesAgain(status: Int) async throws {
        let fixture = try PullFixture()
        try await withHub(
            HubScript(
                onHub: { _, earlier in earlier == 0 ? Reply(status: status) : nil },
                onStore: { _, earlier in earlier < 2 ? Reply(status: status) : nil }
            )
        ) { hub in
            try await fixture.pull(hub)
            #expect(fixture.content("model.safetensors") == Self.weights)
        }
    }

    @Test("ask the hub again when a signed address has run out")
    func renewsSignedAddresses() async throws {
        let fixture = try PullFixture()
        try await withHub(
            HubScript(
                onStore: { _, earlier in earlier == 0 ? Reply(status: 403) : nil }
            )
        ) { hub in
            try await fixture.pull(hub)
            let asked = hub.hub.requests.filter { $0.path.hasSuffix("/model.safetensors") }
            #expect(asked.count == 2)
        }
    }

    @Test("end when a server never recovers, and say why")
    func givesUp() async throws {
        let fixture = try PullFixture()
        try await withHub(HubScript(onHub: { _, _ in Reply(status: 502) })) { hub in
            let error = await fixture.failure(hub)
            #expect(error?.code == .unavailable && error?.message.contains("502") == true)
            #expect(hub.hub.requests.count == 7)
        }
    }
}
