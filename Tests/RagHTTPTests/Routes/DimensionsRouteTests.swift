import Foundation
import HTTPTypes
import RagCore
import TestSupport
import Testing
import VectorStore

/// The `dimensions` of OpenAI's embeddings with a model that was trained for fewer than it has.
@Suite("Dimensions of a Qwen3 model")
struct DimensionsRouteTests {
    private static func vector(_ value: MetadataValue) -> [Double] {
        guard case .array(let numbers) = value else { return [] }
        return numbers.map { if case .number(let number) = $0 { number } else { .nan } }
    }

    private static func run(_ body: @Sendable (TestServer) async throws -> Void) async throws {
        let folder = try TemporaryDirectory()
        let model = folder.url.appendingPathComponent("wide")
        try WideModel.write(to: model, width: 2_560)
        try await TestServer.run(models: [ModelEntry(id: "wide", folder: model.path)], body)
    }

    @Test("512 and 2560 are given at unit length, and a batch of three in its order")
    func gives() async throws {
        try await Self.run { server in
            func vectors(_ input: String, _ more: String) async throws -> [[Double]] {
                let answer = try await server.send(
                    .post,
                    "/v1/embeddings",
                    #"{"model":"wide","input":\#(input)\#(more)}"#
                )
                #expect(answer.status == 200, "\(answer.text.prefix(300))")
                return (0..<3).map { Self.vector(answer["data", "\($0)", "embedding"]) }
                    .filter { !$0.isEmpty }
            }
            let whole = try await vectors(#""a wing""#, "")[0]
            #expect(whole.count == 2_560)
            for dimensions in [32, 512, 2_560] {
                let vector = try await vectors(#""a wing""#, #","dimensions":\#(dimensions)"#)[0]
                #expect(vector.count == dimensions)
                #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
                // The first of the whole, by one factor.
                let factor = vector[0] / whole[0]
                #expect(zip(vector, whole).allSatisfy { abs($0 - $1 * factor) < 1e-5 })
            }
            let texts = ["a wing", "drag", "lift of a wing"]
            let batch = try await vectors(
                #"["a wing","drag","lift of a wing"]"#,
                #","dimensions":64"#
            )
            #expect(batch.count == 3)
            for (text, vector) in zip(texts, batch) {
                let alone = try await vectors("\"\(text)\"", #","dimensions":64"#)[0]
                #expect(zip(alone, vector).allSatisfy { abs($0 - $1) < 1e-5 })
            }
        }
    }

    @Test(
        "20 and 2561 are refused with a message that names 32 to 2560",
        arguments: [20, 31, 2_561]
    )
    func refuses(dimensions: Int) async throws {
        try await Self.run { server in
            for (method, path, rest) in [
                (HTTPRequest.Method.post, "/v1/embeddings", #","input":"a""#),
                (.put, "/v1/collections/c", ""),
            ] {
                let answer = try await server.send(
                    method,
                    path,
                    #"{"model":"wide","dimensions":\#(dimensions)\#(rest)}"#
                )
                #expect(answer.status == 400 && answer["error", "param"] == "dimensions")
                #expect(
                    answer.text.contains("32") && answer.text.contains("2560"),
                    "\(answer.text)"
                )
            }
        }
    }
}
