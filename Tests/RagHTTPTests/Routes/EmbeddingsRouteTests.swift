import Foundation
import HTTPTypes
import RagHTTP
import Testing
import VectorStore

@Suite("POST /v1/embeddings")
struct EmbeddingsRouteTests {
    private static func vector(_ value: MetadataValue) -> [Float] {
        guard case .array(let components) = value else { return [] }
        return components.map { component in
            switch component {
            case .number(let number): Float(number)
            case .integer(let number): Float(number)
            default: .nan
            }
        }
    }

    private static func cosine(_ a: [Float], _ b: [Float]) -> Float {
        zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }

    @Test("answers in OpenAI's form")
    func answersInForm() async throws {
        try await TestServer.run { server in
            let answer = try await server.send(
                .post,
                "/v1/embeddings",
                #"{"model":"all-MiniLM-L6-v2","input":"hello world","user":"u","anything":[1]}"#
            )
            #expect(answer.status == 200)
            #expect(answer["object"] == "list")
            #expect(answer["model"] == "all-MiniLM-L6-v2")
            #expect(answer["data", "0", "object"] == "embedding")
            #expect(answer["data", "0", "index"] == 0)
            #expect(Self.vector(answer["data", "0", "embedding"]).count == 384)
            // [CLS] hello world [SEP]
            #expect(answer["usage", "prompt_tokens"] == 4)
            #expect(answer["usage", "total_tokens"] == 4)
        }
    }

    @Test("gives the same vector for text, list, token ids, lists of ids and base64")
    func formsAgree() async throws {
        try await TestServer.run { server in
            let inputs = [
                #""hello world""#, #"["hello world"]"#, "[7592,2088]", "[[7592,2088]]",
                #"["hello world",[7592,2088]]"#,
            ]
            var reference: [Float] = []
            for input in inputs {
                let answer = try await server.send(.post, "/v1/embeddings", "{\"input\":\(input)}")
                #expect(answer.status == 200, "\(input): \(answer.text)")
                let vector = Self.vector(answer["data", "0", "embedding"])
                if reference.isEmpty { reference = vector }
                #expect(Self.cosine(vector, reference) > 0.99999, "\(input)")
            }
            let answer = try await server.send(
                .post,
                "/v1/embeddings",
                #"{"input":"hello world","encoding_format":"base64"}"#
            )
            guard case .string(let text) = answer["data", "0", "embedding"] else {
                Issue.record("no base64 text in \(answer.text)")
                return
            }
            let bytes = Array(try #require(Data(base64Encoded: text)))
            let vector = stride(from: 0, to: bytes.count, by: 4).map { start in
                Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << (8 * $1) })
            }
            #expect(vector.count == 384)
            #expect(Self.cosine(vector, reference) > 0.99999)
        }
    }

    @Test("cuts to the dimensions asked for, at unit length")
    func cutsDimensions() async throws {
        try await TestServer.run { server in
            let answer = try await server.send(
                .post,
                "/v1/embeddings",
                #"{"input":["a","b"],"dimensions":64}"#
            )
            for index in ["0", "1"] {
                let vector = Self.vector(answer["data", index, "embedding"])
                #expect(vector.count == 64)
                #expect(abs(Self.cosine(vector, vector) - 1) < 1e-5)
            }
        }
    }

    @Test("refuses a text past the window unless it may be cut")
    func refusesOverlong() async throws {
        try await TestServer.run { server in
            let text = Array(repeating: "word", count: 1_000).joined(separator: " ")
            let refused = try await server.send(.post, "/v1/embeddings", "{\"input\":\"\(text)\"}")
            #expect(refused.status == 400)
            #expect(refused["error", "code"] == "context_length_exceeded")
            let cut = try await server.send(
                .post,
                "/v1/embeddings",
                "{\"input\":\"\(text)\",\"truncate\":true}"
            )
            #expect(cut.status == 200)
            #expect(cut["usage", "prompt_tokens"] == 256)
        }
    }

    @Test("answers 404 model_not_found for an unknown model")
    func unknownModel() async throws {
        try await TestServer.run { server in
            let answer = try await server.send(
                .post,
                "/v1/embeddings",
                #"{"model":"text-embedding-3-small","input":"x"}"#
            )
            #expect(answer.status == 404)
            #expect(answer["error", "code"] == "model_not_found")
            #expect(answer["error", "type"] == "invalid_request_error")
            let listed = try await server.send(.get, "/v1/models/nope")
            #expect(listed.status == 404)
            #expect(listed["error", "code"] == "model_not_found")
        }
    }
}
