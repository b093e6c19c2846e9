import HTTPTypes
import Hummingbird
import RagCore

/// Vectors of the caller's own texts, as at OpenAI.
struct EmbeddingsRoutes: Sendable {
    let service: RagService
    let limits: HTTPLimits

    func add(to table: inout RouteTable) {
        table.on(.post, "/v1/embeddings") { request, _ in
            // Unknown fields are ignored here, as at OpenAI.
            var fields = try Fields(try await request.json(limits: limits))
            let encoding = try fields.choice("encoding_format", of: VectorEncoding.self) ?? .float
            let embed = try EmbedRequest(&fields)
            let response = try await service.embed(embed)
            // A number takes about 12 bytes of JSON.
            let byteCount = 12 * response.vectors.reduce(0) { $0 + $1.count }
            let bytes = try await CodecThreads.run(byteCount: byteCount) {
                JSONWriter.bytes { json in
                    json.object { response.write(to: &$0, encoding: encoding) }
                }
            }
            return .json(bytes)
        }
    }
}
