import Foundation
import HTTPTypes
import RagCore
import TestSupport
import Testing
import VectorStore

/// Rerankers over HTTP, of tiny sizes with random weights: the forms, not the ranking.
@Suite("Reranker routes")
struct RerankerRouteTests {
    private static let models = ["qwen3-tied", "bert"].map { name in
        let folder = ModelsFolder.packageRoot
            .appendingPathComponent("Tests/EmbedderTests/Fixtures/rerankers/\(name)").path
        return ModelEntry(id: name, aliases: ["\(name)-alias"], folder: folder)
    }

    private static let long = String(repeating: "no ", count: 400)
    private static let documents = #"["A wing is lifted by the air.","Prices rose.","\#(long)"]"#

    private static func score(_ answer: TestServer.Answer, _ index: Int) -> Double? {
        guard case .number(let score) = answer["results", "\(index)", "relevance_score"] else {
            return nil
        }
        return score
    }

    @Test(
        "both forms rank by the model that is named, and mark what was cut",
        arguments: ["1", "2"]
    )
    func forms(version: String) async throws {
        try await TestServer.run(models: Self.models) { server in
            let answer = try await server.send(
                .post,
                "/v\(version)/rerank",
                #"{"model":"qwen3-tied-alias","query":"what lifts a wing?","documents":\#(Self.documents)}"#
            )
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer["meta", "api_version", "version"] == .string(version))
            #expect(answer["model"] == (version == "1" ? "qwen3-tied" : .null))
            let scores = (0..<3).compactMap { Self.score(answer, $0) }
            #expect(scores.count == 3 && scores == scores.sorted(by: >))
            #expect(scores.allSatisfy { (0...1).contains($0) })
            #expect(answer["results", "3"] == .null)
            for place in ["0", "1", "2"] {
                let isLong = answer["results", place, "index"] == 2
                #expect(answer["results", place, "truncated"] == (isLong ? true : .null))
                #expect(answer["results", place, "document"] == .null)
            }
        }
    }

    @Test("an instruction changes the scores of a model that takes one, and is refused by others")
    func instruction() async throws {
        try await TestServer.run(models: Self.models) { server in
            func send(_ model: String, _ more: String) async throws -> TestServer.Answer {
                try await server.send(
                    .post,
                    "/v1/rerank",
                    #"{"model":"\#(model)","query":"wing","documents":["lift","drag"]\#(more)}"#
                )
            }
            let plain = try await send("qwen3-tied", "")
            let told = try await send("qwen3-tied", #","instruction":"Find prices.""#)
            #expect(plain.status == 200 && told.status == 200)
            #expect(Self.score(plain, 0) != Self.score(told, 0))
            #expect(try await send("bert", "").status == 200)
            let refused = try await send("bert", #","instruction":"Find prices.""#)
            #expect(refused.status == 400 && refused["error", "param"] == "instruction")
        }
    }

    @Test("top_n is at least 1 and may be more than there are; documents come back when asked for")
    func bounds() async throws {
        try await TestServer.run(models: Self.models) { server in
            func send(_ more: String) async throws -> TestServer.Answer {
                try await server.send(
                    .post,
                    "/v1/rerank",
                    #"{"model":"bert","query":"wing","documents":["lift","drag"],\#(more)}"#
                )
            }
            let one = try await send(#""top_n":1,"return_documents":true"#)
            #expect(one["results", "0", "document", "text"] != .null, "\(one.text)")
            #expect(one["results", "1"] == .null)
            let all = try await send(#""top_n":50"#)
            #expect(all["results", "1"] != .null && all["results", "2"] == .null)
            for wrong in ["0", "-1", "1.5", "\"1\""] {
                let refused = try await send(#""top_n":\#(wrong)"#)
                #expect(refused.status == 400 && refused["error", "param"] == "top_n", "\(wrong)")
            }
        }
    }

    @Test("a search's hits are ranked by the reranker that it names, as the route ranks them")
    func search() async throws {
        try await TestServer.run(models: Self.models) { server in
            _ = try await server.send(.put, "/v1/collections/c", "{}")
            let made = try await server.send(
                .post,
                "/v1/collections/c/documents",
                """
                {"documents":[{"id":"0","text":"A wing is lifted by the air."},
                {"id":"1","text":"Prices rose."}]}
                """
            )
            #expect(made.status == 200, "\(made.text)")
            let answer = try await server.send(
                .post,
                "/v1/collections/c/search",
                #"{"query":"what lifts a wing?","explain":true,"rerank":{"model":"qwen3-tied"}}"#
            )
            #expect(answer.status == 200, "\(answer.text)")
            let ranked = try await server.send(
                .post,
                "/v2/rerank",
                """
                {"model":"qwen3-tied","query":"what lifts a wing?",
                "documents":["A wing is lifted by the air.","Prices rose."]}
                """
            )
            for place in [0, 1] {
                guard case .integer(let index) = ranked["results", "\(place)", "index"],
                    case .number(let score) = answer["hits", "\(place)", "scores", "rerank"],
                    let expected = Self.score(ranked, place)
                else {
                    Issue.record("\(answer.text) \(ranked.text)")
                    return
                }
                #expect(answer["hits", "\(place)", "document_id"] == .string("\(index)"))
                #expect(abs(score - expected) < 1e-5)
            }
            let other = try await server.send(
                .post,
                "/v1/collections/c/search",
                #"{"query":"a","rerank":{"model":"nothing"}}"#
            )
            #expect(other.status == 404 && other.text.contains("qwen3-tied"), "\(other.text)")
        }
    }
}
