import HTTPTypes
import RagHTTP
import Testing
import VectorStore

/// A request that must be refused.
struct BadInput: Sendable, CustomTestStringConvertible {
    let name: String
    var path = "/v1/collections/notes/search"
    var body: [UInt8]
    var contentType = "application/json"
    let status: Int
    var code: String?
    var param: String?

    var testDescription: String { name }

    init(
        _ name: String,
        path: String = "/v1/collections/notes/search",
        _ body: String,
        status: Int = 400,
        code: String? = nil,
        param: String? = nil
    ) {
        self.name = name
        self.path = path
        self.body = Array(body.utf8)
        self.status = status
        self.code = code
        self.param = param
    }

    private static let documents = "/v1/collections/notes/documents"

    private static let zeros = Array(repeating: "0.1", count: 3).joined(separator: ",")

    static let all: [BadInput] =
        [
            BadInput("an empty body", "", code: "invalid_json"),
            BadInput("malformed JSON", #"{"query":"x""#, code: "invalid_json"),
            BadInput("text after the JSON", #"{"query":"x"} {}"#, code: "invalid_json"),
            BadInput("an array for a body", "[]"),
            BadInput("a duplicate name", #"{"query":"x","query":"y"}"#, code: "invalid_json"),
            BadInput("NaN", #"{"vector":[NaN]}"#, code: "invalid_json"),
            BadInput("Infinity", #"{"vector":[-Infinity]}"#, code: "invalid_json"),
            BadInput("a number past a double", #"{"vector":[1e999]}"#, code: "invalid_json"),
            BadInput("a number past a float", #"{"vector":[1e39]}"#, param: "vector[0]"),
            BadInput("an integer past 64 bits", #"{"limit":99999999999999999999}"#),
            BadInput("deep nesting", String(repeating: "[", count: 10_000), code: "invalid_json"),
            BadInput("an unknown field", #"{"query":"x","limt":1}"#, code: "unknown_field"),
            BadInput("a wrong type", #"{"query":5}"#, code: "invalid_type", param: "query"),
            BadInput("a vector of another dimension", "{\"vector\":[\(zeros)]}"),
            BadInput("a limit of zero", #"{"query":"x","limit":0}"#),
            BadInput("a negative limit", #"{"query":"x","limit":-1}"#),
            BadInput("a fractional limit", #"{"query":"x","limit":1.5}"#, param: "limit"),
            BadInput("a negative offset", #"{"query":"x","offset":-1}"#),
            BadInput("an unknown mode", #"{"query":"x","mode":"fuzzy"}"#, param: "mode"),
            BadInput("neither query nor vector", "{}"),
            BadInput("a filter without an operator", #"{"query":"x","filter":{"key":"a"}}"#),
            BadInput("an unknown operator", #"{"query":"x","filter":{"key":"a","like":1}}"#),
            BadInput(
                "an unknown field in a nested object",
                #"{"query":"x","rerank":{"candidate":5}}"#,
                code: "unknown_field",
                param: "rerank.candidate"
            ),
            BadInput(
                "a document without text",
                path: documents,
                #"{"documents":[{"id":"a"}]}"#,
                param: "documents[0].text"
            ),
            BadInput(
                "a misspelt field of a document",
                path: documents,
                #"{"documents":[{"id":"a","text":"a","metdata":{}}]}"#,
                code: "unknown_field",
                param: "documents[0].metdata"
            ),
            BadInput(
                "an id given twice",
                path: documents,
                #"{"documents":[{"id":"a","text":"a"},{"id":"a","text":"b"}]}"#
            ),
            BadInput("no documents member", path: documents, "{}", param: "documents"),
            BadInput(
                "metadata that is no object",
                path: documents,
                #"{"documents":[{"id":"a","text":"a","metadata":[]}]}"#,
                param: "documents[0].metadata"
            ),
            BadInput(
                "metadata names that differ only in composition",
                path: documents,
                "{\"documents\":[{\"text\":\"a\",\"metadata\":{\"\u{E9}\":1,\"e\u{301}\":2}}]}",
                param: "documents[0].metadata"
            ),
            BadInput("embeddings of nothing", path: "/v1/embeddings", #"{"input":[]}"#),
            BadInput("embeddings of an empty text", path: "/v1/embeddings", #"{"input":""}"#),
            BadInput("embeddings without input", path: "/v1/embeddings", "{}", param: "input"),
            BadInput("a negative token id", path: "/v1/embeddings", #"{"input":[-1]}"#),
            BadInput("a token id past 32 bits", path: "/v1/embeddings", #"{"input":[4294967296]}"#),
            BadInput("tokens and text mixed", path: "/v1/embeddings", #"{"input":[1,"a"]}"#),
            BadInput(
                "an unknown encoding",
                path: "/v1/embeddings",
                #"{"input":"a","encoding_format":"hex"}"#,
                param: "encoding_format"
            ),
            BadInput("no dimensions", path: "/v1/embeddings", #"{"input":"a","dimensions":0}"#),
            BadInput("many dimensions", path: "/v1/embeddings", #"{"input":"a","dimensions":385}"#),
            BadInput("a rerank of nothing", path: "/v1/rerank", #"{"query":"x","documents":[]}"#),
            BadInput("a rerank without query", path: "/v1/rerank", #"{"documents":["x"]}"#),
            BadInput(
                "a rerank with an unknown model",
                path: "/v2/rerank",
                #"{"model":"rerank-v3.5","query":"x","documents":["x"]}"#,
                status: 404,
                code: "model_not_found"
            ),
            BadInput("an absurd limit", #"{"query":"x","limit":1000000000}"#, param: "limit"),
            BadInput(
                "a collection that does not exist",
                path: "/v1/collections/none/search",
                #"{"query":"x"}"#,
                status: 404
            ),
        ] + [invalidUTF8, wrongContentType]

    private static var invalidUTF8: BadInput {
        var input = BadInput("invalid UTF-8", "", code: "invalid_json")
        input.body = Array(#"{"query":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)
        return input
    }

    private static var wrongContentType: BadInput {
        var input = BadInput(
            "a form",
            "query=x",
            status: 415,
            code: "unsupported_media_type"
        )
        input.contentType = "application/x-www-form-urlencoded"
        return input
    }
}

@Suite("Bad input")
struct BadInputTests {
    @Test("is answered with a clear error and changes nothing")
    func isRefused() async throws {
        try await TestServer.run { server in
            _ = try await server.send(.put, "/v1/collections/notes")
            _ = try await server.send(
                .post,
                "/v1/collections/notes/documents",
                #"{"documents":[{"id":"kept","text":"kept"}]}"#
            )
            let before = try await server.send(.get, "/v1/collections/notes").text
            for input in BadInput.all {
                let answer = try await server.send(
                    .post,
                    input.path,
                    bytes: input.body,
                    headers: [.contentType: input.contentType]
                )
                #expect(answer.status == input.status, "\(input.name): \(answer.text)")
                guard case .object(let error) = answer["error"] else {
                    Issue.record("\(input.name): no envelope in \(answer.text)")
                    continue
                }
                #expect(Set(error.keys) == ["message", "type", "param", "code"], "\(input.name)")
                #expect(error["message"] != "" && error["type"] == "invalid_request_error")
                if let code = input.code {
                    #expect(error["code"] == .string(code), "\(input.name): \(answer.text)")
                }
                if let param = input.param {
                    #expect(error["param"] == .string(param), "\(input.name): \(answer.text)")
                }
            }
            #expect(try await server.send(.get, "/v1/collections/notes").text == before)
        }
    }

    @Test(
        "in the URL is refused, too",
        arguments: [
            "?limit=x", "?limit=0", "?limit=1&limit=2", "?limt=5", "?filter=%7B", "?cursor=%FF",
            "?filter=%7B%22key%22:1%7D", "?limit=100000",
        ]
    )
    func refusesBadQuery(query: String) async throws {
        try await TestServer.run { server in
            _ = try await server.send(.put, "/v1/collections/notes")
            let answer = try await server.send(.get, "/v1/collections/notes/documents" + query)
            #expect((400..<500).contains(answer.status), "\(answer.text)")
        }
    }

    @Test("past the size limit is refused")
    func refusesLargeBody() async throws {
        var limits = HTTPLimits()
        limits.bodyByteCountMax = 64
        try await TestServer.run(limits: limits) { server in
            let body = "{\"input\":\"\(String(repeating: "a", count: 100))\"}"
            let answer = try await server.send(.post, "/v1/embeddings", body)
            #expect(answer.status == 413)
            #expect(answer["error", "code"] == "request_too_large")
        }
    }

    @Test("past the room for all bodies is told when to come back")
    func refusesWithoutRoom() async throws {
        var limits = HTTPLimits()
        limits.bodyBytesInFlightMax = 64
        try await TestServer.run(limits: limits) { server in
            let body = "{\"input\":\"\(String(repeating: "a", count: 100))\"}"
            let answer = try await server.send(.post, "/v1/embeddings", body)
            #expect(answer.status == 429)
            #expect(answer.headers[.retryAfter] == "1")
            #expect(answer["error", "type"] == "rate_limit_error")
        }
    }

    @Test(
        "refuses bad settings of a collection",
        arguments: [
            #"{"metric":"manhattan"}"#, #"{"dimensions":0}"#, #"{"dimensions":1000}"#,
            #"{"index":{"m":1}}"#, #"{"index":{"ef":1}}"#, #"{"chunking":{"max_tokens":1000000}}"#,
            #"{"model":"nope"}"#, #"{"nmae":"x"}"#,
        ]
    )
    func refusesBadCollection(body: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.send(.put, "/v1/collections/new", body)
            #expect((400..<500).contains(answer.status), "\(answer.text)")
            #expect(try await server.send(.get, "/v1/collections/new").status == 404)
        }
    }
}
