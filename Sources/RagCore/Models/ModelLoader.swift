internal import Embedder
internal import Kernels
internal import Logging

/// Loads models as their entries say.
struct ModelLoader: Sendable {
    let precisions: ModelPrecisions
    let remote: RemoteSurroundings
    let logger: Logger

    /// What a model is for: as its files say, or where they do not, as its entry does.
    func kind(of model: ModelRoster.Model) -> ModelInfo.Kind? {
        Self.found(in: model) ?? model.entry.kind
    }

    /// Loads a model.
    ///
    /// - Throws: `invalid` when the entry says what the model cannot be held to, and what reading its
    ///   files threw.
    func load(_ model: ModelRoster.Model) throws(RagError) -> LoadedModel {
        let entry = model.entry
        if let found = Self.found(in: model), let said = entry.kind, found != said {
            throw Self.refusal(
                entry,
                "kind is \(said.rawValue), and the files are those of a model of kind "
                    + "\(found.rawValue); correct it or leave it out"
            )
        }
        let start = ContinuousClock.now
        let loaded: LoadedModel
        switch model.place {
        case .folder(let path):
            switch kind(of: model) {
            case .reranker: loaded = .reranker(.local(try reranker(entry, path)))
            case .embedding, nil: loaded = .embedding(TextEmbedder(try embedder(entry, path)))
            }
        case .server(let endpoint, nil):
            loaded = .reranker(.remote(try RemoteModel(entry, endpoint, remote)))
        case .server(let endpoint, let tokenizer?):
            // First: without it there is nothing to ask a server.
            let reading = try reading(entry, tokenizer)
            let model = try RemoteModel(entry, endpoint, remote)
            loaded = .embedding(TextEmbedder(model, reading: reading))
        }
        let info = ModelInfo(entry, loaded)
        logger.info(
            "model loaded",
            metadata: [
                "model": "\(entry.id)", "kind": "\(info.kind.rawValue)",
                "precision": "\(info.precision ?? "")",
                "milliseconds": "\(Int(start.duration(to: .now).milliseconds))",
            ]
        )
        return loaded
    }

    /// How a remote model reads texts, of which its server says nothing.
    private func reading(_ entry: ModelEntry, _ path: String) throws(RagError) -> TextReading {
        guard let tokensMax = entry.tokensMax else {
            throw Self.refusal(entry, "max_tokens is missing; say how long a text its server takes")
        }
        return try Self.loading(entry) { () throws(EmbedderError) in
            try TextReading.load(directory: path, tokensMax: tokensMax)
        }.adjusted(
            queryPrompt: entry.effectiveQueryPrompt,
            documentPrompt: entry.documentPrompt
        )
    }

    private func embedder(
        _ entry: ModelEntry,
        _ path: String
    ) throws(RagError) -> EmbeddingModel {
        let setting = precisions.setting(for: entry.id, entry: entry.precision)
        let embedder = try Self.loading(entry) { () throws(EmbedderError) in
            try EmbeddingModel.load(directory: path, name: entry.id, setting: setting)
        }
        return embedder.adjusted(
            tokensMax: try Self.tokensMax(entry, of: embedder.tokensMax),
            queryPrompt: entry.effectiveQueryPrompt,
            documentPrompt: entry.documentPrompt
        )
    }

    private func reranker(_ entry: ModelEntry, _ path: String) throws(RagError) -> RerankModel {
        guard entry.queryPrompt == nil, entry.documentPrompt == nil else {
            throw Self.refusal(
                entry,
                "query_prompt and document_prompt are of embedding models, and this is a reranker; "
                    + "leave them out"
            )
        }
        let setting = precisions.setting(for: entry.id, entry: entry.precision)
        let reranker = try Self.loading(entry) { () throws(EmbedderError) in
            try RerankModel.load(directory: path, name: entry.id, setting: setting)
        }
        guard entry.instruction == nil || reranker.takesInstruction else {
            throw Self.refusal(entry, "this reranker takes no instruction; leave it out")
        }
        return reranker.adjusted(
            tokensMax: try Self.tokensMax(entry, of: reranker.tokensMax),
            instruction: entry.instruction
        )
    }

    /// The limit of an entry, which must not be above that of the model.
    private static func tokensMax(_ entry: ModelEntry, of limit: Int) throws(RagError) -> Int {
        let tokensMax = entry.tokensMax ?? limit
        guard tokensMax <= limit else {
            throw refusal(
                entry,
                "max_tokens is \(tokensMax), more than the \(limit) that it reads; lower it or leave it "
                    + "out"
            )
        }
        return tokensMax
    }

    /// What a model's files say that it is for; nil when they do not say, or cannot be read, which
    /// loading it will say.
    private static func found(in model: ModelRoster.Model) -> ModelInfo.Kind? {
        guard case .folder(let path) = model.place else { return nil }
        switch (try? ModelKind.detect(directory: path)) ?? nil {
        case .embedding: return .embedding
        case .reranker: return .reranker
        case nil: return nil
        }
    }

    private static func refusal(_ entry: ModelEntry, _ message: String) -> RagError {
        RagError(.invalid, "model '\(entry.id)': \(message)", param: "model")
    }

    /// Reads files of a model, and names the entry in the error.
    private static func loading<Value>(
        _ entry: ModelEntry,
        _ body: () throws(EmbedderError) -> Value
    ) throws(RagError) -> Value {
        do {
            return try body()
        } catch {
            var failure = RagError(error)
            failure.message = "model '\(entry.id)' cannot be loaded: \(failure.message)"
            throw failure
        }
    }
}
