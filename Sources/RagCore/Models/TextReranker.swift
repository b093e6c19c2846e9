internal import Embedder

/// What scores passages for a query under one name: weights in this process, or another server.
enum TextReranker: Sendable {
    case local(RerankModel)
    case remote(RemoteModel)

    /// The name that answers give.
    var name: String {
        switch self {
        case .local(let model): model.name
        case .remote(let model): model.name
        }
    }
}
