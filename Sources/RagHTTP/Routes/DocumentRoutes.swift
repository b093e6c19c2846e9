import HTTPTypes
import Hummingbird
import RagCore
import VectorStore

/// Storing, reading and deleting documents.
struct DocumentRoutes: Sendable {
    let service: RagService
    let limits: HTTPLimits

    /// Documents on a page when the request does not say.
    private static let pageLimit = 100

    func add(to table: inout RouteTable) {
        let documents = "/v1/collections/:name/documents"
        table.on(.post, documents) { request, context in
            try await ingest(request, collection: context.path("name"))
        }
        table.on(.get, documents) { request, context in
            try await list(request, collection: context.path("name"))
        }
        table.on(.post, documents + "/delete") { request, context in
            try await delete(request, collection: context.path("name"))
        }
        table.on(.get, documents + "/:id") { [service] _, context in
            let document = try await service.document(
                context.path("id"),
                in: context.path("name")
            )
            return .json { document.write(to: &$0) }
        }
        table.on(.delete, documents + "/:id") { [service] _, context in
            let id = try context.path("id")
            let count = try await service.deleteDocuments(ids: [id], in: context.path("name"))
            guard count > 0 else {
                throw APIError(
                    .notFound,
                    "the collection has no document with this id",
                    param: "id",
                    code: "document_not_found"
                )
            }
            return .json { $0.member("deleted", count) }
        }
    }

    private func ingest(_ request: Request, collection: String) async throws -> Response {
        var fields = try Fields(try await request.json(limits: limits))
        let documents = try fields.documents("documents")
        try fields.refuseUnknown()
        let outcomes = try await service.ingest(documents, into: collection)
        return .json { json in
            json.array("documents", outcomes) { json, outcome in
                json.object { outcome.write(to: &$0) }
            }
        }
    }

    private func list(_ request: Request, collection: String) async throws -> Response {
        var query = try QueryFields(request)
        let cursor = query.string("cursor")
        let limit = try query.integer("limit") ?? Self.pageLimit
        let filter = try query.filter("filter")
        try query.refuseUnknown()
        let page = try await service.documents(
            in: collection,
            cursor: cursor,
            limit: limit,
            filter: filter
        )
        return .json { json in
            json.array("documents", page.documents) { json, document in
                json.object { document.write(to: &$0) }
            }
            json.member("next_cursor", page.nextCursor)
        }
    }

    private func delete(_ request: Request, collection: String) async throws -> Response {
        var fields = try Fields(try await request.json(limits: limits))
        let ids = try fields.strings("ids")
        let filter = try fields.filter("filter")
        try fields.refuseUnknown()
        let count: Int
        switch (ids, filter) {
        case (let ids?, nil):
            count = try await service.deleteDocuments(ids: ids, in: collection)
        case (nil, let filter?):
            count = try await service.deleteDocuments(matching: filter, in: collection)
        case (nil, nil), (_?, _?):
            throw APIError.invalid("give either \"ids\" or \"filter\"", param: "ids")
        }
        return .json { $0.member("deleted", count) }
    }
}
