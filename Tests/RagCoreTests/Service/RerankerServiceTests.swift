import Foundation
import RagCore
import TestSupport
import Testing

/// Rerankers behind the façade, of tiny sizes with random weights.
@Suite("Rerankers of the service")
struct RerankerServiceTests {
    private static let passages = [
        "A wing is lifted by the air.", "Prices rose.", String(repeating: "no ", count: 300), "",
    ]

    private static func entry(_ name: String) -> ModelEntry {
        let folder = ModelsFolder.packageRoot
            .appendingPathComponent("Tests/EmbedderTests/Fixtures/rerankers/\(name)").path
        return ModelEntry(id: name, aliases: ["\(name)-alias"], folder: folder)
    }

    private static func run(_ body: (ServiceFixture) async throws -> Void) async throws {
        try await ServiceFixture.run(models: [entry("qwen3-tied"), entry("bert")], body)
    }

    @Test("passages are ranked by the reranker that a request names, and the cut ones marked")
    func rerank() async throws {
        try await Self.run { fixture in
            let request = RerankRequest(
                model: "qwen3-tied-alias",
                query: "what lifts a wing?",
                documents: Self.passages
            )
            let answer = try await fixture.service.rerank(request)
            #expect(answer.model == "qwen3-tied" && answer.results.count == 4)
            #expect(answer.results.filter(\.isTruncated).map(\.index) == [2])
            let scores = answer.results.map(\.score)
            #expect(scores == scores.sorted(by: >))
            // Each by itself has the same score: it depends on query and passage only.
            for result in answer.results {
                var alone = request
                alone.documents = [Self.passages[result.index]]
                let score = try await fixture.service.rerank(alone).results[0].score
                #expect(abs(score - result.score) < 1e-5)
            }
            var other = request
            other.instruction = "Find prices."
            let others = try await fixture.service.rerank(other).results.map(\.score)
            #expect(others != scores)
        }
    }

    @Test(
        "of each passage no more tokens are read than the request says, and the cut ones are marked",
        arguments: [("qwen3-tied", 2), ("bert", 1), ("all-MiniLM-L6-v2", 1)]
    )
    func documentTokensMax(model: String, tokensPerWord: Int) async throws {
        try await Self.run { fixture in
            func rerank(_ documents: [String], _ tokensMax: Int?) async throws -> RerankResponse {
                try await fixture.service.rerank(
                    RerankRequest(
                        model: model,
                        query: "no wing",
                        documents: documents,
                        documentTokensMax: tokensMax
                    )
                )
            }
            let words = Array(repeating: "no", count: 12)
            let whole = words.joined(separator: " ")
            let cut = try await rerank([whole, "no", ""], 5 * tokensPerWord)
            #expect(cut.results.filter(\.isTruncated).map(\.index) == [0])
            let five = words[..<5].joined(separator: " ")
            let expected = try await rerank([five, "no", ""], nil)
            #expect(expected.results.filter(\.isTruncated).isEmpty)
            #expect(cut.tokens == expected.tokens)
            for (one, other) in zip(cut.results, expected.results) {
                #expect(one.index == other.index && abs(one.score - other.score) < 1e-5)
            }
            let room = try await rerank([whole], 12 * tokensPerWord)
            #expect(!room.results[0].isTruncated)
            let refused = await #expect(throws: RagError.self) { _ = try await rerank(["a"], 0) }
            #expect(refused?.kind == .invalid && refused?.param == "max_tokens_per_doc")
        }
    }

    @Test("hits of a search are ranked again by the reranker that it names")
    func search() async throws {
        try await Self.run { fixture in
            _ = try await fixture.service.createCollection(CollectionSpec(name: "c"))
            let documents = Self.passages.prefix(2).enumerated().map {
                DocumentInput(id: "\($0)", text: $1)
            }
            _ = try await fixture.service.ingest(documents, into: "c")
            var request = SearchRequest(query: "what lifts a wing?", explain: true)
            request.rerank = SearchRequest.Rerank(model: "qwen3-tied")
            let answer = try await fixture.service.search(request, in: "c")
            let ranked = try await fixture.service.rerank(
                RerankRequest(
                    model: "qwen3-tied",
                    query: "what lifts a wing?",
                    documents: Array(Self.passages.prefix(2))
                )
            )
            #expect(answer.hits.map(\.documentID) == ranked.results.map { "\($0.index)" })
            for (hit, result) in zip(answer.hits, ranked.results) {
                #expect(abs(hit.score - result.score) < 1e-5)
                #expect(hit.scores?.rerank == hit.score)
            }
            #expect(answer.rerankTokens == ranked.tokens)
        }
    }

    @Test("a model of the wrong kind is refused, and those of the right kind are named")
    func wrongKind() async throws {
        try await Self.run { fixture in
            let embed = await #expect(throws: RagError.self) {
                try await fixture.service.embed(
                    EmbedRequest(model: "qwen3-tied", inputs: [.text("a")])
                )
            }
            #expect(embed?.kind == .invalid && embed?.code == "model_mismatch")
            #expect(embed?.message.contains("all-MiniLM-L6-v2") == true)
            let instructed = await #expect(throws: RagError.self) {
                try await fixture.service.rerank(
                    RerankRequest(model: "bert", query: "a", documents: ["b"], instruction: "c")
                )
            }
            #expect(instructed?.param == "instruction")
            let long = await #expect(throws: RagError.self) {
                try await fixture.service.rerank(
                    RerankRequest(
                        model: "bert",
                        query: String(repeating: "wing ", count: 60),
                        documents: ["b"]
                    )
                )
            }
            #expect(long?.code == "context_length_exceeded" && long?.param == "query")
            let none = await #expect(throws: RagError.self) {
                try await fixture.service.rerank(
                    RerankRequest(model: "nothing", query: "a", documents: ["b"])
                )
            }
            #expect(none?.message.contains("'bert'") == true)
        }
    }
}
