internal import Embedder
internal import Kernels

/// A model that is ready to be used.
enum LoadedModel: Sendable {
    case embedding(TextEmbedder)
    case reranker(TextReranker)

    /// Bytes of its weights in this process.
    var byteCount: Int {
        switch self {
        case .embedding(let model):
            guard case .local(let model) = model.source else { return 0 }
            return model.byteCount
        case .reranker(let model):
            guard case .local(let model) = model else { return 0 }
            return model.byteCount
        }
    }

    /// The model, when another server computes it.
    var remote: RemoteModel? {
        switch self {
        case .embedding(let model):
            guard case .remote(let remote) = model.source else { return nil }
            return remote
        case .reranker(let model):
            guard case .remote(let remote) = model else { return nil }
            return remote
        }
    }
}

extension ModelInfo {
    /// What is known of a model of the roster, and more when it is loaded.
    init(_ entry: ModelEntry, _ loaded: LoadedModel? = nil, kind: Kind? = nil) {
        self.init(
            name: entry.id,
            aliases: entry.aliases,
            kind: kind ?? entry.kind ?? .embedding,
            isLoaded: loaded != nil,
            isRemote: entry.remote != nil,
            dimensions: entry.dimensions,
            tokensMax: entry.tokensMax
        )
        switch loaded {
        case nil: break
        case .embedding(let model):
            self.kind = .embedding
            tokensMax = model.tokensMax
            switch model.source {
            case .local(let model): describe(model)
            case .remote(let model):
                dimensions = model.knownDimension
                isReachable = model.isReachable
            }
        case .reranker(let model):
            self.kind = .reranker
            switch model {
            case .local(let model): describe(model)
            case .remote(let model): isReachable = model.isReachable
            }
        }
    }

    private mutating func describe(_ model: EmbeddingModel) {
        dimensions = model.dimension
        parameterCount = model.parameterCount
        byteCount = model.byteCount
        precision = model.precision.rawValue
    }

    private mutating func describe(_ model: RerankModel) {
        tokensMax = model.tokensMax
        parameterCount = model.parameterCount
        byteCount = model.byteCount
        precision = model.precision.rawValue
    }
}
