package import Embedder
internal import Kernels

/// A model in memory.
package enum LoadedModel: Sendable {
    case embedding(EmbeddingModel)
    case reranker(RerankModel)

    /// Bytes of its weights.
    var byteCount: Int {
        switch self {
        case .embedding(let model): model.byteCount
        case .reranker(let model): model.byteCount
        }
    }
}

extension ModelInfo {
    /// What is known of a model of the roster, and of its weights when they are in memory.
    init(_ entry: ModelEntry, _ loaded: LoadedModel? = nil, kind: Kind? = nil) {
        self.init(
            name: entry.id,
            aliases: entry.aliases,
            kind: kind ?? entry.kind ?? .embedding,
            isLoaded: loaded != nil,
            tokensMax: entry.tokensMax
        )
        switch loaded {
        case nil: break
        case .embedding(let model):
            self.kind = .embedding
            dimensions = model.dimension
            tokensMax = model.tokensMax
            parameterCount = model.parameterCount
            byteCount = model.byteCount
            precision = model.precision.rawValue
        case .reranker(let model):
            self.kind = .reranker
            tokensMax = model.tokensMax
            parameterCount = model.parameterCount
            byteCount = model.byteCount
            precision = model.precision.rawValue
        }
    }
}
