internal import Embedder
internal import Logging

/// The models that requests can name, loaded when they are needed, and kept.
///
/// To load a model of another server is to read its tokenizer and to make ready to ask; whether the
/// server is there shows when it is asked.
///
/// Names are looked up in a `ModelRoster`: a name from a request is never made part of a path. The
/// models folder is listed anew for every name that is not loaded, so that a model can be added
/// while the daemon runs.
///
/// Thread safety: all state is in a `Monitor`. `embedder(_:)` blocks while a model is loaded, by
/// this thread or another, so it is called on the service's own threads only.
final class ModelRegistry: Sendable {
    private enum Slot: Sendable {
        case loading
        case loaded(LoadedModel)
    }

    private let directory: String
    private let entries: [ModelEntry]
    private let defaultModel: String
    private let loader: ModelLoader
    private let logger: Logger
    /// Ids by the names of the entries; a folder without an entry is its own id.
    private let ids: [String: String]
    /// By id.
    private let slots = Monitor<[String: Slot]>([:])

    /// The registry of a configuration; nothing is loaded yet.
    ///
    /// - Throws: `invalid` naming the entry when one makes no sense or two models would answer to
    ///   one name.
    init(
        _ configuration: RagConfiguration,
        remote: RemoteSurroundings,
        logger: Logger
    ) throws(RagError) {
        directory = configuration.modelsDirectory
        entries = configuration.models
        defaultModel = configuration.defaultModel
        self.logger = logger
        loader = ModelLoader(
            precisions: configuration.precisions,
            remote: remote,
            logger: logger
        )
        let roster = try ModelRoster(
            entries: entries,
            directory: directory,
            folders: ModelRoster.folders(in: directory),
            isStrict: true
        )
        ids = roster.entryIDs
    }

    /// Loads the default model and every one that is to be loaded at start.
    ///
    /// A server that is not there is no reason not to start: it may come later, and the rest of the
    /// daemon works without it. One that answers as another model would is.
    ///
    /// - Throws: `invalid` when the default model is not there or does not embed; what loading threw,
    ///   and what a server threw that does answer.
    func loadAtStart() async throws(RagError) {
        try await contact(.embedding(try embedder(nil)))
        for entry in entries where entry.load == .start {
            try await contact(try loaded(entry.id))
        }
    }

    private func contact(_ model: LoadedModel) async throws(RagError) {
        guard let remote = model.remote else { return }
        do throws(RagError) {
            try await remote.check()
        } catch {
            switch error.kind {
            case .unavailable, .overloaded:
                logger.warning(
                    "remote model is not available, and is asked again when it is needed",
                    metadata: ["model": "\(remote.name)", "error": "\(error.message)"]
                )
            default: throw error
            }
        }
    }

    /// Closes the connections to all servers; nothing is asked afterwards.
    func stop() async {
        let models = slots.withLock { slots in
            slots.values.compactMap { slot -> RemoteModel? in
                guard case .loaded(let model) = slot else { return nil }
                return model.remote
            }
        }
        for model in models { await model.stop() }
    }

    /// The embedding model of that name, the default one for `nil`, loaded now if need be.
    ///
    /// - Parameter name: a name from a request or a configuration: an id, an alias or a folder.
    /// - Returns: the loaded model.
    /// - Throws: `invalid` naming the models that exist when there is none of that name or it does
    ///   not embed, and what loading it threw.
    func embedder(_ name: String?) throws(RagError) -> TextEmbedder {
        switch try loaded(name ?? defaultModel, as: .embedding) {
        case .embedding(let model): return model
        case .reranker(let model): throw wrongKind(model.name, wanted: .embedding)
        }
    }

    /// The reranker of that name, loaded now if need be.
    ///
    /// - Parameter name: an id, an alias or a folder.
    /// - Returns: the loaded model.
    /// - Throws: `invalid` naming the rerankers that exist when the model is none, and as
    ///   `embedder(_:)`.
    func reranker(_ name: String) throws(RagError) -> TextReranker {
        switch try loaded(name, as: .reranker) {
        case .reranker(let model): return model
        case .embedding(let model): throw wrongKind(model.name, wanted: .reranker)
        }
    }

    /// The model of that name, the default one for `nil`, of either kind: both rank passages.
    func ranker(_ name: String?) throws(RagError) -> LoadedModel {
        try loaded(name ?? defaultModel)
    }

    /// The id of the model that a name stands for; nil when there is none.
    func id(_ name: String) -> String? {
        if let id = ids[name] { return id }
        return try? roster().model(name)?.entry.id
    }

    /// Every model, by id; of those that are not loaded what the configuration says of them.
    func list() -> [ModelInfo] {
        let slots = slots.withLock(\.self)
        let models = (try? roster().models) ?? []
        return models.map { model in
            guard case .loaded(let loaded) = slots[model.entry.id] else {
                return ModelInfo(model.entry, kind: loader.kind(of: model))
            }
            return ModelInfo(model.entry, loaded)
        }
        .sorted { $0.name < $1.name }
    }

    /// Bytes of all loaded weights.
    var byteCount: Int {
        slots.withLock { slots in
            slots.values.reduce(0) { sum, slot in
                guard case .loaded(let model) = slot else { return sum }
                return sum + model.byteCount
            }
        }
    }

    // MARK: - Names

    /// The model of that name when it is in memory: the way of nearly every request, without a look
    /// at the disk.
    private func loadedAlready(_ name: String) -> LoadedModel? {
        let id = ids[name] ?? name
        return slots.withLock { slots in
            guard case .loaded(let model) = slots[id] else { return nil }
            return model
        }
    }

    private func roster() throws(RagError) -> ModelRoster {
        try ModelRoster(
            entries: entries,
            directory: directory,
            folders: ModelRoster.folders(in: directory),
            isStrict: false
        )
    }

    private func model(_ name: String) throws(RagError) -> ModelRoster.Model {
        let roster = try roster()
        if let model = roster.model(name) { return model }
        let names = roster.models.map { "'\($0.entry.id)'" }.joined(separator: ", ")
        throw RagError(
            .invalid,
            "no model is called '\(name.prefix(100))': "
                + (names.isEmpty
                    ? "there is none in \(directory); `make model` gets the default one"
                    : "there are \(names)"),
            param: "model",
            code: "model_not_found"
        )
    }

    // MARK: - Loading

    /// The model of a name, loaded now if need be; one that is known to be of another kind than the
    /// wanted one is not loaded only to be refused.
    private func loaded(
        _ name: String,
        as wanted: ModelInfo.Kind? = nil
    ) throws(RagError) -> LoadedModel {
        if let model = loadedAlready(name) { return model }
        let model = try model(name)
        if let wanted, let kind = loader.kind(of: model), kind != wanted {
            throw wrongKind(model.entry.id, wanted: wanted)
        }
        return try loaded(model)
    }

    private func wrongKind(_ id: String, wanted: ModelInfo.Kind) -> RagError {
        let models = (try? roster().models) ?? []
        let names = models.filter { loader.kind(of: $0) == wanted }.map { "'\($0.entry.id)'" }
            .joined(separator: ", ")
        let (refusal, kind) =
            switch wanted {
            case .embedding: ("is a reranker and makes no vectors", "embedding model")
            case .reranker: ("is an embedding model and no reranker", "reranker")
            }
        return RagError(
            .invalid,
            "'\(id)' \(refusal); "
                + (names.isEmpty ? "there is no \(kind)" : "name one of \(names)"),
            param: "model",
            code: "model_mismatch"
        )
    }

    /// A model of whatever kind, loaded by this thread unless another one is at it.
    private func loaded(_ model: ModelRoster.Model) throws(RagError) -> LoadedModel {
        let id = model.entry.id
        let known = slots.wait { slots -> LoadedModel?? in
            switch slots[id] {
            case .loaded(let model): return .some(model)
            case .loading: return nil
            case nil:
                slots[id] = .loading
                return .some(nil)
            }
        }
        if let known { return known }
        do throws(RagError) {
            let loaded = try loader.load(model)
            slots.withLock { $0[id] = .loaded(loaded) }
            slots.wakeAll()
            return loaded
        } catch {
            slots.withLock { $0[id] = nil }
            slots.wakeAll()
            throw error
        }
    }
}
