public import Logging
public import VectorStore

/// What the daemon can do: collections, documents in, passages out, reranking and embeddings.
///
/// The façade of the product, without sockets or arguments. A request's path is its pipeline's:
/// `IngestPipeline`, `SearchPipeline`, `RerankService` or `EmbedService`. Every method checks its
/// arguments against `Limits`, changes nothing when it throws, and may be cancelled.
///
/// Thread safety: every stored property is immutable and `Sendable`. Nothing here runs on the
/// cooperative pool for long: inference has its own threads (`BatchScheduler`), and so have
/// blocking reads and tokenising (`ThreadPoolExecutor`).
public final class RagService: Sendable {
    /// Counters, gauges and histograms of everything that this service does.
    public let metrics: Metrics

    private let configuration: RagConfiguration
    private let engine: Engine
    private let gate = RequestGate()
    private let logger: Logger

    private init(configuration: RagConfiguration, engine: Engine, logger: Logger) {
        self.configuration = configuration
        self.engine = engine
        self.metrics = engine.metrics
        self.logger = logger
    }

    /// Opens the data directory, loads the default model and starts the inference threads.
    ///
    /// - Parameters:
    ///   - configuration: where everything is, and the limits.
    ///   - remote: what asks the servers that entries name; needed when any does.
    ///   - logger: where starts, failures of the daemon's own and the shutdown are reported;
    ///     nowhere when it is not given.
    /// - Returns: the service, ready for requests.
    /// - Throws: `RagError` of kind `invalid` when the configuration makes no sense or the model is
    ///   missing, `conflict` when another process has the data directory open, `fault` when a file
    ///   is damaged.
    public static func start(
        configuration: RagConfiguration,
        remote: (any RemoteConnector)? = nil,
        logger: Logger = Logger(label: "ragd", factory: { _ in SwiftLogNoOpLogHandler() })
    ) async throws(RagError) -> RagService {
        let engine = try await Engine.start(configuration, remote: remote, logger: logger)
        logger.info(
            "service started",
            metadata: [
                "model": "\(configuration.defaultModel)", "threads": "\(configuration.threads)",
                "collections": "\(engine.store.collections().count)",
            ]
        )
        return RagService(configuration: configuration, engine: engine, logger: logger)
    }

    /// Whether requests are taken: models loaded, collections open, not shutting down.
    public var isReady: Bool { gate.isOpen }

    /// Stored parts that are damaged and not repaired yet; none when all that is known is whole.
    public var damage: [StoredPart: Int] { engine.damage }

    /// The caps that requests are held to.
    public var limits: Limits { configuration.limits }

    // MARK: - Collections

    /// Makes a collection, or finds that it is there already as asked for.
    ///
    /// - Returns: the collection, and whether it was made just now.
    /// - Throws: `conflict` naming the difference when it exists with other settings, `invalid`
    ///   when the settings make no sense.
    public func createCollection(
        _ spec: CollectionSpec
    ) async throws(RagError) -> (collection: CollectionInfo, created: Bool) {
        try await request { engine async throws(RagError) in
            try await CollectionCatalog(engine).create(spec)
        }
    }

    /// All collections, by name.
    public func collections() async throws(RagError) -> [CollectionInfo] {
        try await request { engine async throws(RagError) in
            try CollectionCatalog(engine).all()
        }
    }

    /// One collection.
    public func collection(_ name: String) async throws(RagError) -> CollectionInfo {
        try await request { engine async throws(RagError) in
            try CollectionCatalog(engine).info(name)
        }
    }

    /// Has a collection's index made anew, in the background, with what is given in place of what it has.
    ///
    /// - Returns: the collection; its `reindex` says how far it is.
    /// - Throws: `notFound`, and `invalid` when the parameters make no sense.
    public func reindex(
        _ name: String,
        _ index: CollectionSpec.Index
    ) async throws(RagError) -> CollectionInfo {
        try await request { engine async throws(RagError) in
            try await CollectionCatalog(engine).reindex(name, index)
        }
    }

    /// Drops a collection with everything in it.
    public func deleteCollection(_ name: String) async throws(RagError) {
        try await request { engine async throws(RagError) in
            try await CollectionCatalog(engine).drop(name)
        }
    }

    // MARK: - Documents

    /// Stores documents: cut, embedded, indexed and on disk when this returns.
    ///
    /// Identical documents are left alone, and identical text is never embedded twice.
    ///
    /// - Returns: one outcome a document, in the order given; a failed one names its reason and
    ///   does not take the others along.
    /// - Throws: `invalid` for the request as a whole (too many documents, an id given twice),
    ///   `overloaded` when nothing was stored because the queue is full.
    public func ingest(
        _ documents: [DocumentInput],
        into collection: String
    ) async throws(RagError) -> [DocumentOutcome] {
        let gate = gate
        return try await request(on: engine.ingestThreads) { engine async throws(RagError) in
            let pipeline = try IngestPipeline(engine, collection: collection, gate: gate)
            return try await pipeline.run(documents)
        }
    }

    /// One page of a collection's documents.
    public func documents(
        in collection: String,
        cursor: String? = nil,
        limit: Int = 100,
        filter: Filter? = nil
    ) async throws(RagError) -> DocumentList {
        try await request { engine async throws(RagError) in
            try DocumentCatalog(engine, collection: collection)
                .list(cursor: cursor, limit: limit, filter: filter)
        }
    }

    /// One document with its text and chunks.
    public func document(
        _ id: String,
        in collection: String
    ) async throws(RagError) -> DocumentDetail {
        try await request { engine async throws(RagError) in
            try DocumentCatalog(engine, collection: collection).document(id)
        }
    }

    /// Deletes documents by id; ids that are not there are passed over.
    ///
    /// - Returns: how many were there.
    public func deleteDocuments(
        ids: [String],
        in collection: String
    ) async throws(RagError) -> Int {
        try await request { engine async throws(RagError) in
            try await DocumentCatalog(engine, collection: collection).delete(ids: ids)
        }
    }

    /// Deletes the documents that satisfy a filter.
    ///
    /// - Returns: how many did.
    public func deleteDocuments(
        matching filter: Filter,
        in collection: String
    ) async throws(RagError) -> Int {
        try await request { engine async throws(RagError) in
            try await DocumentCatalog(engine, collection: collection).delete(matching: filter)
        }
    }

    // MARK: - Questions

    /// Ranked passages for a question.
    public func search(
        _ request: SearchRequest,
        in collection: String
    ) async throws(RagError) -> SearchResponse {
        try await self.request { engine async throws(RagError) in
            try await SearchPipeline(engine, collection: collection).run(request)
        }
    }

    /// The caller's own passages, ranked for a question.
    public func rerank(_ request: RerankRequest) async throws(RagError) -> RerankResponse {
        try await self.request { engine async throws(RagError) in
            try await RerankService(engine).run(request)
        }
    }

    /// Vectors of the caller's own texts.
    public func embed(_ request: EmbedRequest) async throws(RagError) -> EmbedResponse {
        try await self.request { engine async throws(RagError) in
            try await EmbedService(engine).run(request)
        }
    }

    /// The models in the models directory, by name.
    public func models() async throws(RagError) -> [ModelInfo] {
        try await request { engine async throws(RagError) in engine.models.list() }
    }

    // MARK: - Shutdown

    /// Stops: finishes what was accepted, refuses the rest with `unavailable`, writes checkpoints
    /// and closes the store.
    ///
    /// Returns when all of that is done; a second call returns at once.
    public func shutdown() async {
        guard await gate.close() else { return }
        await engine.stop()
        logger.info("service stopped")
    }

    /// Runs `body` on the given threads while the gate is open, and translates what it throws.
    private func request<Value: Sendable>(
        on threads: ThreadPoolExecutor? = nil,
        _ body: sending (Engine) async throws(RagError) -> Value
    ) async throws(RagError) -> Value {
        try gate.enter()
        defer { gate.leave() }
        let engine = engine
        do {
            return try await withTaskExecutorPreference(threads ?? engine.readThreads) {
                () async throws(RagError) in try await body(engine)
            }
        } catch {
            if error.kind == .fault {
                logger.error("request failed", metadata: ["error": "\(error)"])
            }
            throw error
        }
    }
}
