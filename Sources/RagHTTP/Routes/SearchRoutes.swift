import HTTPTypes
import Hummingbird
import RagCore

/// Ranked passages for a question.
struct SearchRoutes: Sendable {
    let service: RagService
    let limits: HTTPLimits

    func add(to table: inout RouteTable) {
        table.on(.post, "/v1/collections/:name/search") { request, context in
            var fields = try Fields(try await request.json(limits: limits))
            let search = try SearchRequest(&fields)
            try fields.refuseUnknown()
            let response = try await service.search(search, in: context.path("name"))
            return .json { response.write(to: &$0, explain: search.explain) }
        }
    }
}
