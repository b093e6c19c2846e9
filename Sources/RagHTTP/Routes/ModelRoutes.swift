import HTTPTypes
import Hummingbird
import RagCore

/// The models, in OpenAI's list form.
struct ModelRoutes: Sendable {
    let service: RagService

    func add(to table: inout RouteTable) {
        table.on(.get, "/v1/models") { [service] _, _ in
            let models = try await service.models()
            return .json { json in
                json.member("object", "list")
                json.array("data", models) { json, model in json.object { model.write(to: &$0) } }
            }
        }
        table.on(.get, "/v1/models/:model") { [service] _, context in
            let name = try context.path("model")
            guard
                let model = try await service.models().first(where: {
                    $0.name == name || $0.aliases.contains(name)
                })
            else {
                throw APIError(
                    .notFound,
                    "the model \"\(name.prefix(128))\" does not exist; GET /v1/models lists those "
                        + "that there are",
                    param: "model",
                    code: "model_not_found"
                )
            }
            return .json { model.write(to: &$0) }
        }
    }
}
