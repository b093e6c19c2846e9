import HTTPTypes
import RagCore
import Testing
import VectorStore

@Suite("Models over HTTP")
struct ModelRouteTests {
    private static let entries = [
        ModelEntry(
            id: "mini",
            aliases: ["text-embedding-3-small"],
            folder: "all-MiniLM-L6-v2",
            tokensMax: 128,
            queryPrompt: "q: "
        ),
        ModelEntry(id: "all-MiniLM-L6-v2"),
    ]

    @Test("each model is listed with kind, aliases, limits and state, and found by any name")
    func lists() async throws {
        try await TestServer.run(models: Self.entries) { server in
            let list = try await server.send(.get, "/v1/models")
            #expect(list["data", "0", "id"] == "all-MiniLM-L6-v2")
            #expect(list["data", "0", "loaded"] == true)
            #expect(list["data", "0", "dimensions"] == 384)
            #expect(list["data", "0", "aliases"] == .array([]))
            #expect(list["data", "1", "id"] == "mini")
            #expect(list["data", "1", "kind"] == "embedding")
            #expect(list["data", "1", "loaded"] == false)
            #expect(list["data", "1", "max_tokens"] == 128)
            #expect(list["data", "1", "aliases"] == .array(["text-embedding-3-small"]))
            let one = try await server.send(.get, "/v1/models/text-embedding-3-small")
            #expect(one["id"] == "mini")
        }
    }

    @Test("a client made for another model is answered by an alias")
    func answersAlias() async throws {
        try await TestServer.run(models: Self.entries) { server in
            func vector(_ more: String) async throws -> MetadataValue {
                let answer = try await server.send(
                    .post,
                    "/v1/embeddings",
                    #"{"model":"text-embedding-3-small","input":"a"\#(more)}"#
                )
                #expect(answer["model"] == "mini", "\(answer.text)")
                return answer["data", "0", "embedding"]
            }
            let query = try await vector(#","prompt_name":"query""#)
            #expect(try await vector(#","input_type":"query""#) == query)
            #expect(try await vector(#","prompt":"q: ""#) == query)
            #expect(try await vector("") != query)
            let unknown = try await server.send(
                .post,
                "/v1/embeddings",
                #"{"input":"a","prompt_name":"quary"}"#
            )
            #expect(unknown.status == 400)
            #expect(unknown["error", "param"] == "prompt_name")
            let both = try await server.send(
                .post,
                "/v1/embeddings",
                #"{"input":"a","prompt":"b","instruction":"c"}"#
            )
            #expect(both.status == 400)
            #expect(both["error", "param"] == "instruction")
        }
    }

    @Test("a search by another model is 400 and names the collection's; no path is a name")
    func refusesOthers() async throws {
        try await TestServer.run(models: Self.entries) { server in
            let made = try await server.send(
                .put,
                "/v1/collections/c",
                #"{"model":"text-embedding-3-small","instruction":"find","document_prompt":"d: "}"#
            )
            #expect(made.status == 201 && made["model"] == "mini")
            #expect(made["query_prompt"] == "Instruct: find\nQuery:")
            #expect(made["document_prompt"] == "d: ")
            let search = "/v1/collections/c/search"
            for name in ["mini", "text-embedding-3-small"] {
                let answer = try await server.send(
                    .post,
                    search,
                    #"{"query":"a","instruction":"b","model":"\#(name)"}"#
                )
                #expect(answer.status == 200, "\(answer.text)")
            }
            for name in ["all-MiniLM-L6-v2", "../models/mini", "http://127.0.0.1/mini"] {
                let answer = try await server.send(
                    .post,
                    search,
                    #"{"query":"a","model":"\#(name)"}"#
                )
                #expect(answer.status == 400)
                #expect(answer["error", "param"] == "model")
                #expect(answer.text.contains("bound to the model 'mini'"))
            }
            for name in ["../models/all-MiniLM-L6-v2", "/etc", "http://127.0.0.1/mini"] {
                for (path, rest) in [
                    ("/v1/embeddings", #""input":"a""#),
                    ("/v1/rerank", #""query":"a","documents":["b"]"#),
                ] {
                    let answer = try await server.send(
                        .post,
                        path,
                        #"{"model":"\#(name)",\#(rest)}"#
                    )
                    #expect(answer.status == 404)
                    #expect(answer["error", "code"] == "model_not_found")
                }
            }
        }
    }
}
