import HTTPTypes
import Hummingbird
import RagCore

/// Ranks the caller's own passages, in the forms of Jina and Cohere.
struct RerankRoutes: Sendable {
    let service: RagService
    let limits: HTTPLimits

    func add(to table: inout RouteTable) {
        for (path, version) in [("/v1/rerank", RerankVersion.one), ("/v2/rerank", .two)] {
            table.on(.post, path) { request, context in
                // Unknown fields are ignored here: the callers are other servers' clients.
                var fields = try Fields(try await request.json(limits: limits))
                let rerank = try RerankRequest(&fields, version: version)
                let response = try await service.rerank(rerank)
                return .json { json in
                    response.write(to: &json, id: context.requestID, version: version)
                }
            }
        }
    }
}
