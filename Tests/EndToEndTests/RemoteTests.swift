import Foundation
import RagCore
import RagHTTP
import TestSupport
import Testing

/// One daemon computes for another: the real peer.
@Suite("A daemon whose models another one computes")
struct RemoteTests {
    private static let key = "key-of-the-peer"

    /// A peer with the default model and a small reranker, behind a key.
    private func peer(_ folder: TemporaryDirectory) async throws -> Daemon {
        let reranker = ModelsFolder.packageRoot
            .appendingPathComponent("Tests/EmbedderTests/Fixtures/rerankers/bert").path
        let file = folder.url.appendingPathComponent("peer.toml")
        try """
        [[model]]
        id = "judge"
        folder = "\(reranker)"
        """.write(to: file, atomically: true, encoding: .utf8)
        return try await Daemon(
            data: folder.path + "/peer",
            environment: ["RAGD_CONFIG": file.path, "RAGD_API_KEY": Self.key]
        )
    }

    private func front(
        _ folder: TemporaryDirectory,
        url: String,
        dimensions: Int = 384
    ) async throws -> Daemon {
        let file = folder.url.appendingPathComponent("front.toml")
        try """
        default_model = "far"
        [[model]]
        id = "far"
        url = "\(url)"
        remote_model = "all-MiniLM-L6-v2"
        tokenizer = "all-MiniLM-L6-v2"
        max_tokens = 256
        dimensions = \(dimensions)
        api_key_env = "PEER_KEY"
        attempts = 1
        [[model]]
        id = "far-judge"
        kind = "reranker"
        url = "\(url)/v1"
        remote_model = "judge"
        api_key_env = "PEER_KEY"
        """.write(to: file, atomically: true, encoding: .utf8)
        return try await Daemon(
            data: folder.path + "/front",
            environment: ["RAGD_CONFIG": file.path, "PEER_KEY": Self.key]
        )
    }

    @Test("gives the same vectors, scores and hits, and outlives the other")
    func servesThroughAnother() async throws {
        let folder = try TemporaryDirectory()
        let peer = try await peer(folder)
        let direct = RagClient(url: peer.url, apiKey: Self.key)
        let front = try await front(folder, url: peer.url)
        let client = front.client

        let texts = ["Bread is baked.", "Iron rusts in the rain."]
        let inputs = texts.map { EmbedRequest.Input.text($0) }
        let near = try await direct.embed(EmbedRequest(inputs: inputs))
        let far = try await client.embed(EmbedRequest(inputs: inputs))
        #expect(far.model == "far" && near.data.count == far.data.count)
        for (first, second) in zip(near.data, far.data) {
            let dot = zip(first.embedding, second.embedding).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(abs(dot - 1) < 1e-4)
        }

        let rerank = RerankRequest(model: "far-judge", query: "metal", documents: texts)
        let own = RerankRequest(model: "judge", query: "metal", documents: texts)
        let farRanks = try await client.rerank(rerank).results
        let nearRanks = try await direct.rerank(own).results
        #expect(farRanks.map(\.index) == nearRanks.map(\.index))

        _ = try await client.createCollection(CollectionSpec(name: "notes"))
        let documents = texts.enumerated().map { DocumentInput(id: "\($0)", text: $1) }
        let outcomes = try await client.ingest(documents, into: "notes")
        #expect(outcomes.allSatisfy { $0.status != "failed" })
        let question = SearchRequest(query: "What happens to metal?", limit: 1, mode: .dense)
        #expect(try await client.search(question, in: "notes").hits.first?.documentID == "1")

        try await peer.stop()
        let lexical = SearchRequest(query: "rain", limit: 1, mode: .lexical)
        #expect(try await client.search(lexical, in: "notes").hits.first?.documentID == "1")
        let fresh = SearchRequest(query: "a new question", mode: .dense)
        await #expect(throws: RagClientError.self) { try await client.search(fresh, in: "notes") }
        #expect(!front.output.contains(Self.key))
        #expect(try await front.stop() == 0)
    }

    @Test("does not start when the other answers with another dimension")
    func wrongDimension() async throws {
        let folder = try TemporaryDirectory()
        let peer = try await peer(folder)
        await #expect(throws: Daemon.Failure.self) {
            _ = try await front(folder, url: peer.url, dimensions: 512)
        }
        try await peer.stop()
    }

    @Test("starts when the other is down")
    func startsAlone() async throws {
        let folder = try TemporaryDirectory()
        let front = try await front(folder, url: "http://127.0.0.1:9")
        #expect(try await front.stop() == 0)
    }
}
