import HTTPTypes
import Hummingbird
import RagCore
import VectorStore

/// Whether the daemon is up, whether it answers, and what it has done so far.
struct StatusRoutes: Sendable {
    let service: RagService

    func add(to table: inout RouteTable) {
        table.open(.get, "/health") { _, _ in
            .json { $0.member("status", "ok") }
        }
        table.open(.get, "/ready") { [service] _, _ in
            let isReady = service.isReady
            return .json(status: isReady ? .ok : .serviceUnavailable) { json in
                json.member("status", isReady ? "ready" : "unavailable")
                let damage = service.damage
                guard !damage.isEmpty else { return }
                json.object("damaged") { json in
                    for part in StoredPart.allCases {
                        if let count = damage[part] { json.member(part.rawValue, count) }
                    }
                }
            }
        }
        table.on(.get, "/metrics") { [service] _, _ in
            .text(type: "text/plain; version=0.0.4", service.metrics.text())
        }
        table.open(.get, "/openapi.json") { _, _ in
            .json(OpenAPI.document)
        }
    }
}
