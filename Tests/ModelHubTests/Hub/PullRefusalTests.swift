import Foundation
import ModelHub
import Testing

@Suite("Refused pulls")
struct PullRefusalTests {
    @Test("name a repository that is not there or not to be seen")
    func namesRepository() async throws {
        let fixture = try PullFixture()
        try await withHub { hub in
            let error = await fixture.failure(hub) { request in
                if let other = try? RepositoryReference("owner/none") { request.reference = other }
            }
            #expect(error?.code == .accessDenied)
            #expect(error?.message.contains("owner/none") == true)
            #expect(error?.message.contains("HF_TOKEN") == true)
        }
    }

    @Test("name a revision that is not there")
    func namesRevision() async throws {
        let fixture = try PullFixture()
        try await withHub { hub in
            let error = await fixture.failure(hub, revision: "v9")
            #expect(error?.code == .notFound && error?.message.contains("'v9'") == true)
        }
    }

    @Test("say how to get at a gated repository", arguments: [401, 403])
    func explainsGates(status: Int) async throws {
        let fixture = try PullFixture()
        try await withHub(
            HubScript(
                onHub: { _, _ in Reply(status: status, headers: [("x-error-code", "GatedRepo")]) }
            )
        ) { hub in
            let error = await fixture.failure(hub)
            #expect(error?.code == .accessDenied && error?.message.contains("licence") == true)
            #expect(error?.message.contains("\(hub.hub.url)/owner/tiny-model") == true)
            #expect(error?.message.contains(FakeHub.token) == false)
        }
    }

    @Test("say how to get at a gated file")
    func explainsGatedFiles() async throws {
        let fixture = try PullFixture()
        try await withHub(
            HubScript(
                onHub: { request, _ in request.path.contains("/resolve/") ? Reply(status: 403) : nil
                }
            )
        ) { hub in
            let error = await fixture.failure(hub)
            #expect(error?.code == .accessDenied && error?.message.contains("licence") == true)
        }
    }

    @Test("name a file that the hub lists and does not have")
    func namesMissingFile() async throws {
        let fixture = try PullFixture()
        try await withHub(
            HubScript(
                onHub: { request, _ in
                    request.path.hasSuffix("/tokenizer.json") ? Reply(status: 404) : nil
                }
            )
        ) { hub in
            let error = await fixture.failure(hub)
            #expect(error?.code == .notFound && error?.message.contains("tokenizer.json") == true)
        }
    }

    @Test("throw away a file with another hash")
    func refusesOtherHash() async throws {
        let fixture = try PullFixture()
        try await withHub(
            HubScript(
                onStore: { _, _ in Reply(body: Array(repeating: 7, count: 100_000)) }
            )
        ) { hub in
            let error = await fixture.failure(hub)
            #expect(error?.code == .damaged && error?.message.contains("hash") == true)
            let part = "\(fixture.models)/.pull/tiny-model/model/model.safetensors"
            #expect(FileManager.default.contents(atPath: part)?.count == 0)
            #expect(fixture.paths.isEmpty)
        }
    }

    @Test("throw away a small file with another hash")
    func refusesOtherBlob() async throws {
        let fixture = try PullFixture()
        try await withHub(
            HubScript(
                onHub: { request, _ in
                    request.path.hasSuffix("cache/config.json")
                        ? .json(#"{"hidden_size": 9}"#) : nil
                }
            )
        ) { hub in
            let error = await fixture.failure(hub)
            #expect(error?.code == .damaged && error?.message.contains("config.json") == true)
        }
    }

    @Test("refuse a file of another size", arguments: [99_999, 100_001])
    func refusesOtherSize(byteCount: Int) async throws {
        let fixture = try PullFixture()
        try await withHub(
            HubScript(
                onStore: { _, _ in Reply(body: Array(repeating: 7, count: byteCount)) }
            )
        ) { hub in
            let error = await fixture.failure(hub)
            #expect(error?.code == .damaged && error?.message.contains("\(byteCount)") == true)
        }
    }

    @Test("believe the hub's own name of a file's content")
    func refusesOtherLinkedDigest() async throws {
        let fixture = try PullFixture()
        let other = String(repeating: "ab", count: 32)
        try await withHub(
            HubScript(
                onHub: { request, _ in
                    request.path.hasSuffix("/model.safetensors")
                        ? Reply(headers: [("x-linked-etag", "\"\(other)\"")]) : nil
                }
            )
        ) { hub in
            let error = await fixture.failure(hub)
            #expect(error?.code == .damaged && error?.message.contains(other) == true)
        }
    }

    @Test(
        "write nothing when the listing has a path that leaves the folder",
        arguments: [
            "../config.json", "/etc/config.json", "a/../../b", "a\\\\b", "a//b", "./a", "a/.",
            "a\\u0000b", "a\\u001b[2Jb", "",
        ]
    )
    func refusesHostilePaths(path: String) async throws {
        let fixture = try PullFixture()
        try await withHub(
            HubScript(
                edit: { $0.replacing("\"path\":\"README.md\"", with: "\"path\":\"\(path)\"") }
            )
        ) { hub in
            let error = await fixture.failure(hub)
            #expect(error?.code == .damaged)
            #expect(error?.message.unicodeScalars.contains { $0.value < 0x20 } == false)
            #expect(!hub.hub.requests.contains { $0.path.contains("/resolve/") })
        }
    }

    @Test(
        "name what is wrong with a listing",
        arguments: [
            ("[", "not JSON"), ("{}", "not a list"), ("[1]", "no type"),
            (#"[{"type":"file","path":"a"}]"#, "no size"),
            (#"[{"type":"file","path":"a","size":-1}]"#, "no size"),
            (#"[{"type":"file","path":"a","size":1,"oid":"xyz"}]"#, "no hash"),
            (
                #"[{"type":"file","path":"a","size":1,"oid":"","lfs":{"oid":"12","size":1}}]"#,
                "no hash"
            ),
        ]
    )
    func refusesListings(listing: String, reason: String) async throws {
        let fixture = try PullFixture()
        try await withHub(HubScript(edit: { _ in listing })) { hub in
            let error = await fixture.failure(hub)
            #expect(error?.code == .damaged && error?.message.contains(reason) == true)
        }
    }

    @Test("never fetch a pickle")
    func refusesPickle() async throws {
        let fixture = try PullFixture()
        var files = FakeHub.files
        files["model.safetensors"] = nil
        try await withHub(HubScript(files: files)) { hub in
            let error = await fixture.failure(hub)
            #expect(error?.code == .unsupported)
            #expect(error?.message.contains("pytorch_model.bin") == true)
            #expect(!hub.hub.requests.contains { $0.path.contains("/resolve/") })
        }
    }

    @Test("name a shard that the index names and the repository does not have")
    func namesMissingShard() async throws {
        let fixture = try PullFixture()
        var files = FakeHub.files
        files["model.safetensors"] = nil
        files["model.safetensors.index.json"] = Array(
            #"{"weight_map": {"a": "model-1.safetensors"}}"#.utf8
        )
        try await withHub(HubScript(files: files)) { hub in
            let error = await fixture.failure(hub)
            #expect(error?.code == .damaged)
            #expect(error?.message.contains("model-1.safetensors") == true)
        }
    }

    @Test("end a circle of redirects")
    func refusesCircles() async throws {
        let fixture = try PullFixture()
        try await withHub(
            HubScript(
                onHub: { request, _ in Reply(status: 302, headers: [("location", request.uri)]) }
            )
        ) { hub in
            let error = await fixture.failure(hub)
            #expect(error?.code == .damaged && error?.message.contains("redirects") == true)
        }
    }

    @Test("never send a token without encryption over a network")
    func refusesPlainToken() async throws {
        let fixture = try PullFixture()
        var settings = HubSettings()
        settings.endpoint = "http://hub.invalid"
        settings.token = FakeHub.token
        let request = HubPull.Request(
            reference: try RepositoryReference(FakeHub.repository),
            modelsDirectory: fixture.models
        )
        let pull = try HubPull(settings: settings)
        await #expect(throws: HubError.self) { try await pull.run(request) }
    }

    @Test("a token or an address that is none is refused at once")
    func refusesSettings() {
        for (endpoint, token) in [
            ("ftp://hub", "hf_x"), ("hub", "hf_x"), ("https://user:secret@hub", "hf_x"),
            ("https://hub?x=1", "hf_x"), ("https://hub", "a b"), ("https://hub", "a\u{0}"),
        ] {
            var settings = HubSettings()
            settings.endpoint = endpoint
            settings.token = token
            #expect(throws: HubError.self, "\(endpoint)") { try HubPull(settings: settings) }
        }
    }
}
