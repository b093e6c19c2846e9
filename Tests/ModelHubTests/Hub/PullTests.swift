import Foundation
import ModelHub
import Synchronization
import Testing

@Suite("Pulling a model")
struct PullTests {
    private static let needed = [
        "1_Pooling/config.json", "config.json", "model.safetensors", "modules.json",
        "tokenizer.json", "tokenizer_config.json",
    ]

    @Test("fetches what the model needs, as it is on the hub, and nothing else")
    func fetchesWhatIsNeeded() async throws {
        let fixture = try PullFixture()
        try await withHub { hub in
            let outcome = try await fixture.pull(hub)
            #expect(outcome.commit == FakeHub.commit)
            #expect(outcome.fileCount == Self.needed.count)
            #expect(fixture.paths == (Self.needed + [PullNote.name]).sorted())
            for path in Self.needed { #expect(fixture.content(path) == FakeHub.files[path]) }
            let asked = Set((hub.hub.requests + hub.store.requests).map(\.path))
            for path in ["pytorch_model.bin", "modeling_custom.py", "onnx/model.onnx", "README.md"]
            {
                #expect(!asked.contains { $0.hasSuffix(path) })
            }
            let note = try #require(PullNote.read(in: fixture.model))
            #expect(note.commit == FakeHub.commit && note.repository == FakeHub.repository)
            #expect(
                note.files["config.json"]?.sha256
                    == FakeHub.sha256(FakeHub.files["config.json"] ?? [])
            )
            let left = try FileManager.default.contentsOfDirectory(
                atPath: "\(fixture.models)/.pull"
            )
            #expect(left == ["tiny-model.lock"])
        }
    }

    @Test("gives the token to the hub and to no other host")
    func keepsTheToken() async throws {
        let fixture = try PullFixture()
        try await withHub { hub in
            try await fixture.pull(hub)
            let withToken = hub.hub.requests.filter {
                $0.header("authorization") == "Bearer \(FakeHub.token)"
            }
            #expect(withToken.count == hub.hub.requests.count)
            #expect(hub.store.requests.count == 1)
            #expect(hub.store.requests.allSatisfy { $0.header("authorization") == nil })
        }
    }

    @Test("does not give the token again after a redirect has left the hub and come back")
    func losesTheTokenOnTheWay() async throws {
        let fixture = try PullFixture()
        let home = Mutex<String>.Box("")
        try await withHub(
            HubScript(
                onStore: { request, _ in
                    Reply(
                        status: 302,
                        headers: [
                            (
                                "location",
                                "\(home.mutex.withLock(\.self))/api/resolve-cache/model.safetensors"
                            )
                        ]
                    )
                }
            )
        ) { hub in
            home.mutex.withLock { $0 = hub.hub.url }
            try await fixture.pull(hub)
            let last = hub.hub.requests.last { $0.path.hasSuffix("cache/model.safetensors") }
            #expect(last != nil && last?.header("authorization") == nil)
        }
    }

    @Test("reads a listing of many pages, through a mirror too")
    func readsPages() async throws {
        let fixture = try PullFixture()
        try await withHub(HubScript(pageSize: 2)) { hub in
            try await fixture.pull(hub)
            #expect(fixture.paths.count == Self.needed.count + 1)
            #expect(hub.hub.requests.filter { $0.path.contains("/tree/") }.count == 5)
        }
    }

    @Test("asks for a revision with slashes in its name as one part")
    func asksForRevision() async throws {
        let fixture = try PullFixture()
        try await withHub { hub in
            try await fixture.pull(hub, revision: "refs/pr/1")
            #expect(PullNote.read(in: fixture.model)?.revision == "refs/pr/1")
        }
    }

    @Test("fetches the shards that the index names")
    func fetchesShards() async throws {
        var files = FakeHub.files
        let weights = files.removeValue(forKey: "model.safetensors")
        let index = #"{"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}"#
        files["model.safetensors.index.json"] = Array(index.utf8)
        for name in ["model-1", "model-2", "other"] { files["\(name).safetensors"] = weights }
        let fixture = try PullFixture()
        try await withHub(HubScript(files: files)) { hub in
            try await fixture.pull(hub)
            #expect(
                fixture.paths.filter { $0.contains("safetensors") } == [
                    "model-1.safetensors", "model-2.safetensors", "model.safetensors.index.json",
                ]
            )
        }
    }

    @Test("fetches only tokenizer and configuration when asked to")
    func fetchesTokenizer() async throws {
        let fixture = try PullFixture()
        try await withHub { hub in
            try await fixture.pull(hub) { $0.tokenizerOnly = true }
            #expect(!fixture.paths.contains("model.safetensors"))
            #expect(fixture.content("tokenizer.json") == FakeHub.files["tokenizer.json"])
            #expect(hub.store.requests.isEmpty)
        }
    }

    @Test("says that a model is there, and fetches nothing")
    func findsModel() async throws {
        let fixture = try PullFixture()
        try await withHub { hub in
            try await fixture.pull(hub)
            let outcome = try await fixture.pull(hub)
            #expect(outcome.wasThere && outcome.fileCount == Self.needed.count)
            #expect(hub.store.requests.count == 1)
        }
    }

    @Test("replaces another revision when asked to, and only then")
    func replaces() async throws {
        let fixture = try PullFixture()
        try await withHub { try await fixture.pull($0) }
        let commit = String(repeating: "d", count: 40)
        var files = FakeHub.files
        files["config.json"] = Array("{}".utf8)
        try await withHub(HubScript(files: files, commit: commit)) { hub in
            let error = await fixture.failure(hub)
            #expect(error?.code == .conflict && error?.message.contains("--force") == true)
            #expect(PullNote.read(in: fixture.model)?.commit == FakeHub.commit)
            try await fixture.pull(hub) { $0.replace = true }
            #expect(PullNote.read(in: fixture.model)?.commit == commit)
            #expect(fixture.content("config.json") == Array("{}".utf8))
        }
    }

    @Test("leaves a folder that it did not make alone")
    func leavesStrangersAlone() async throws {
        let fixture = try PullFixture()
        try FileManager.default.createDirectory(
            atPath: fixture.model,
            withIntermediateDirectories: true
        )
        try await withHub { hub in
            #expect(await fixture.failure(hub)?.code == .conflict)
            #expect(fixture.paths.isEmpty)
        }
    }

    @Test("does not take a model for whole whose file was cut since")
    func noticesDamage() async throws {
        let fixture = try PullFixture()
        try await withHub { hub in
            try await fixture.pull(hub)
            try Data().write(to: URL(fileURLWithPath: "\(fixture.model)/model.safetensors"))
            let error = await fixture.failure(hub)
            #expect(error?.message.contains("model.safetensors") == true)
        }
    }

    @Test("is alone while it pulls a model")
    func excludesOthers() async throws {
        let fixture = try PullFixture()
        try await withHub { hub in
            // The first pull makes the file.
            try await fixture.pull(hub)
            let lock = try FileHandle(
                forUpdating: URL(fileURLWithPath: "\(fixture.models)/.pull/tiny-model.lock")
            )
            #expect(flock(lock.fileDescriptor, LOCK_EX | LOCK_NB) == 0)
            #expect(await fixture.failure(hub) { $0.replace = true }?.code == .conflict)
            try lock.close()
            try await fixture.pull(hub) { $0.replace = true }
        }
    }

    @Test("asks for room before it fetches")
    func asksForRoom() async throws {
        let fixture = try PullFixture()
        try await withHub { hub in
            let error = await fixture.failure(hub, free: 1_000)
            #expect(error?.code == .noSpace)
            #expect(hub.store.requests.isEmpty)
        }
    }

    @Test("refuses a name that is a path", arguments: ["../x", ".x", "a/b", "", "-x", "a b"])
    func refusesNames(name: String) async throws {
        let fixture = try PullFixture()
        try await withHub { hub in
            let error = await fixture.failure(hub) { $0.name = name }
            #expect(error?.code == .invalidArgument)
        }
    }
}
