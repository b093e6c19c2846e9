import HTTPTypes
import Hummingbird
import RagCore

/// Making, listing and dropping collections.
struct CollectionRoutes: Sendable {
    let service: RagService
    let limits: HTTPLimits

    func add(to table: inout RouteTable) {
        table.on(.get, "/v1/collections") { [service] _, _ in
            let collections = try await service.collections()
            return .json { json in
                json.array("collections", collections) { json, collection in
                    json.object { collection.write(to: &$0) }
                }
            }
        }
        table.on(.put, "/v1/collections/:name") { request, context in
            try await put(request, name: context.path("name"))
        }
        table.on(.get, "/v1/collections/:name") { [service] _, context in
            let collection = try await service.collection(context.path("name"))
            return .json { collection.write(to: &$0) }
        }
        table.on(.patch, "/v1/collections/:name") { request, context in
            try await patch(request, name: context.path("name"))
        }
        table.on(.delete, "/v1/collections/:name") { [service] _, context in
            let name = try context.path("name")
            try await service.deleteCollection(name)
            return .json { json in
                json.member("name", name)
                json.member("deleted", true)
            }
        }
    }

    private func patch(_ request: Request, name: String) async throws -> Response {
        var fields = try Fields(try await request.json(limits: limits))
        let index = try CollectionSpec.Index(patch: &fields)
        let collection = try await service.reindex(name, index)
        return .json(status: collection.pendingIndex == nil ? .ok : .accepted) {
            collection.write(to: &$0)
        }
    }

    private func put(_ request: Request, name: String) async throws -> Response {
        var spec = CollectionSpec(name: name)
        if let body = try await request.optionalJSON(limits: limits) {
            var fields = try Fields(body)
            try spec.read(&fields)
            try fields.refuseUnknown()
        }
        let (collection, created) = try await service.createCollection(spec)
        return .json(status: created ? .created : .ok) { collection.write(to: &$0) }
    }
}
