import HTTPTypes
import RagHTTP
import Testing
import VectorStore

@Suite("Rerank routes")
struct RerankRouteTests {
    private static let passages = """
        "query":"how do plants make sugar?","documents":["Interest rates rose in March.",
        "In photosynthesis plants turn light into sugar.","A recipe for bread."]
        """

    @Test("rank all passages in Jina's and Cohere's first form")
    func firstForm() async throws {
        try await TestServer.run { server in
            let answer = try await server.send(
                .post,
                "/v1/rerank",
                "{\(Self.passages),\"return_documents\":true,\"unknown\":1}"
            )
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer["model"] == "all-MiniLM-L6-v2")
            #expect(answer["results", "0", "index"] == 1)
            #expect(
                answer["results", "0", "document", "text"]
                    == "In photosynthesis plants turn light into sugar."
            )
            #expect(answer["results", "2"] != .null)
            #expect(answer["usage", "total_tokens"] != .null)
            guard case .number(let first) = answer["results", "0", "relevance_score"],
                case .number(let last) = answer["results", "2", "relevance_score"]
            else {
                Issue.record("no scores in \(answer.text)")
                return
            }
            #expect(first > last && first <= 1 && last >= 0)
        }
    }

    @Test("take Cohere's documents that are objects")
    func objectPassages() async throws {
        try await TestServer.run { server in
            let answer = try await server.send(
                .post,
                "/v1/rerank",
                #"{"query":"sugar","documents":[{"text":"steel"},{"text":"sugar cane"}],"top_n":1}"#
            )
            #expect(answer["results", "0", "index"] == 1)
            #expect(answer["results", "1"] == .null)
        }
    }

    @Test(
        "read as much of a passage as max_tokens_per_doc says, and mark the cut",
        arguments: [1, 2]
    )
    func tokensPerDocument(version: Int) async throws {
        try await TestServer.run { server in
            func send(_ count: String) async throws -> TestServer.Answer {
                try await server.send(
                    .post,
                    "/v\(version)/rerank",
                    "{\(Self.passages),\"top_n\":1,\"max_tokens_per_doc\":\(count)}"
                )
            }
            #expect(try await send("3")["results", "0", "truncated"] == true)
            #expect(try await send("300")["results", "0", "truncated"] == .null)
            for bad in ["0", "\"many\""] {
                let refused = try await send(bad)
                #expect(refused.status == 400)
                #expect(refused["error", "param"] == "max_tokens_per_doc")
            }
        }
    }

    @Test("answer in Cohere's second form without passages")
    func secondForm() async throws {
        try await TestServer.run { server in
            let answer = try await server.send(
                .post,
                "/v2/rerank",
                "{\(Self.passages),\"top_n\":2,\"max_tokens_per_doc\":4096,\"priority\":0}"
            )
            #expect(answer["results", "0", "index"] == 1)
            #expect(answer["results", "2"] == .null)
            #expect(answer["results", "0", "document"] == .null)
            #expect(answer["meta", "api_version", "version"] == "2")
            #expect(answer["meta", "billed_units", "search_units"] == 1)
            #expect(answer["usage"] == .null)
        }
    }
}
