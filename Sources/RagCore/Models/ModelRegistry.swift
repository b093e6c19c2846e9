package import Embedder
internal import Foundation
internal import Kernels
package import Logging

/// A model in memory.
package enum LoadedModel: Sendable {
    case embedding(EmbeddingModel)

    /// Bytes of its weights.
    var byteCount: Int {
        switch self {
        case .embedding(let model): model.byteCount
        }
    }
}

/// The models of one folder: each subfolder with a `config.json` is a model of that name.
///
/// A name from a request is never made part of a path: it must equal one that the listing of the
/// folder gave. A model is loaded when it is first asked for and stays.
///
/// Thread safety: all state is in a `Monitor`. `embedder(_:)` blocks while a model is loaded, by
/// this thread or another, so it is called on the service's own threads only.
package final class ModelRegistry: Sendable {
    private enum Slot: Sendable {
        case loading
        case loaded(LoadedModel)
    }

    private let directory: String
    private let defaultModel: String
    private let precisions: ModelPrecisions
    private let logger: Logger
    private let slots = Monitor<[String: Slot]>([:])

    /// The registry of a folder, which need not exist until a model is asked for.
    package init(
        directory: String,
        defaultModel: String,
        precisions: ModelPrecisions,
        logger: Logger
    ) {
        self.directory = directory
        self.defaultModel = defaultModel
        self.precisions = precisions
        self.logger = logger
    }

    /// The model of that name, the default one for `nil`, loaded now if need be.
    ///
    /// - Parameter name: a name from a request or a configuration.
    /// - Returns: the loaded model.
    /// - Throws: `invalid` naming the models that exist when there is none of that name, and what
    ///   loading it threw.
    package func embedder(_ name: String?) throws(RagError) -> EmbeddingModel {
        switch try loaded(name ?? defaultModel) {
        case .embedding(let model): model
        }
    }

    /// The model of that name, of whatever kind.
    private func loaded(_ name: String) throws(RagError) -> LoadedModel {
        let known = slots.wait { slots -> LoadedModel?? in
            switch slots[name] {
            case .loaded(let model): return .some(model)
            case .loading: return nil
            case nil:
                slots[name] = .loading
                return .some(nil)
            }
        }
        if let known { return known }
        do throws(RagError) {
            let model = try load(name)
            slots.withLock { $0[name] = .loaded(model) }
            slots.wakeAll()
            return model
        } catch {
            slots.withLock { $0[name] = nil }
            slots.wakeAll()
            throw error
        }
    }

    /// Every model of the folder, by name; those that are not loaded with their name only.
    package func list() -> [ModelInfo] {
        let slots = slots.withLock(\.self)
        return names().map { name in
            guard case .loaded(.embedding(let model)) = slots[name] else {
                return ModelInfo(name: name)
            }
            return ModelInfo(model)
        }
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

    private func load(_ name: String) throws(RagError) -> LoadedModel {
        let names = names()
        guard names.contains(name) else {
            let existing =
                names.isEmpty
                ? "there is none in \(directory); `make model` gets the default one"
                : "there are \(names.map { "'\($0)'" }.joined(separator: ", "))"
            throw RagError(
                .invalid,
                "no model is called '\(name.prefix(100))': \(existing)",
                param: "model",
                code: "model_not_found"
            )
        }
        let start = ContinuousClock.now
        let model: EmbeddingModel
        do {
            model = try EmbeddingModel.load(
                directory: path(of: name),
                name: name,
                setting: precisions.setting(for: name)
            )
        } catch {
            throw RagError(error)
        }
        logger.info(
            "model loaded",
            metadata: [
                "model": "\(name)", "dimensions": "\(model.dimension)",
                "precision": "\(model.precision.rawValue)",
                "milliseconds": "\(Int(start.duration(to: .now).milliseconds))",
            ]
        )
        return .embedding(model)
    }

    private func names() -> [String] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return entries.filter { name in
            !name.hasPrefix(".")
                && FileManager.default.fileExists(atPath: path(of: name) + "/config.json")
        }
        .sorted()
    }

    private func path(of name: String) -> String { directory + "/" + name }
}

extension ModelInfo {
    /// A model that is not loaded.
    fileprivate init(name: String) {
        self.init(name: name, kind: .embedding, isLoaded: false)
    }

    /// A loaded model.
    fileprivate init(_ model: EmbeddingModel) {
        self.init(
            name: model.name,
            kind: .embedding,
            isLoaded: true,
            dimensions: model.dimension,
            tokensMax: model.tokensMax,
            parameterCount: model.parameterCount,
            byteCount: model.byteCount,
            precision: model.precision.rawValue
        )
    }
}
