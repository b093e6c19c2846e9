internal import Foundation
internal import Kernels
internal import Logging
internal import Synchronization
internal import VectorStore

/// Everything that a running service owns, started and stopped in order.
///
/// Thread safety: immutable; each part guards itself.
final class Engine: Sendable {
    let configuration: RagConfiguration
    let metrics: Metrics
    let times: StageTimes
    let models: ModelRegistry
    let store: VectorStore
    let scheduler: BatchScheduler
    /// For reads of the store: they wait for a disk.
    let readThreads: ThreadPoolExecutor
    private let watch: StoreWatch
    /// Repairs embeddings until `stop()`.
    private let repair = Mutex<Task<Void, Never>?>(nil)

    /// For tokenising and hashing documents: they compute, and must not hold up a search's reads.
    let ingestThreads: ThreadPoolExecutor

    var limits: Limits { configuration.limits }

    /// Opens and loads everything; whatever was started is stopped again when something fails.
    static func start(
        _ configuration: RagConfiguration,
        remote connector: (any RemoteConnector)?,
        logger: Logger
    ) async throws(RagError) -> Engine {
        try configuration.validate()
        // More readers than cores, because a reader waits for the disk half of its time; the store
        // has as many reading connections.
        let readThreads = ThreadPoolExecutor(
            name: "read",
            threads: max(4, configuration.threads),
            slice: .short
        )
        let ingestThreads = ThreadPoolExecutor(
            name: "ingest",
            threads: configuration.threads,
            slice: .long
        )
        let metrics = Metrics()
        let surroundings = RemoteSurroundings(
            connector: connector,
            limits: configuration.limits,
            metrics: metrics,
            logger: logger
        ) { $0 == .query ? readThreads : ingestThreads }
        do throws(RagError) {
            let models = try ModelRegistry(configuration, remote: surroundings, logger: logger)
            do throws(RagError) {
                let engine = try await withTaskExecutorPreference(readThreads) {
                    () async throws(RagError) in
                    try await models.loadAtStart()
                    return try Engine(
                        configuration,
                        models: models,
                        metrics: metrics,
                        readThreads: readThreads,
                        ingestThreads: ingestThreads,
                        logger: logger
                    )
                }
                engine.startRepair(logger)
                return engine
            } catch {
                await models.stop()
                throw error
            }
        } catch {
            await readThreads.stop()
            await ingestThreads.stop()
            throw error
        }
    }

    private init(
        _ configuration: RagConfiguration,
        models: ModelRegistry,
        metrics: Metrics,
        readThreads: ThreadPoolExecutor,
        ingestThreads: ThreadPoolExecutor,
        logger: Logger
    ) throws(RagError) {
        self.configuration = configuration
        self.readThreads = readThreads
        self.ingestThreads = ingestThreads
        self.metrics = metrics
        self.models = models
        times = StageTimes(metrics)
        var options = StoreOptions()
        options.readerCount = max(4, configuration.threads)
        options.buildThreads = configuration.threads
        options.memoryByteCountMax = configuration.memoryByteCountMax
        let watch = StoreWatch(metrics: metrics, logger: logger)
        self.watch = watch
        store = try translating { () throws(VectorStoreError) in
            try VectorStore.open(
                directory: configuration.dataDirectory,
                options: options,
                observer: { watch.note($0) }
            )
        }
        // Last, because only `stop()` ends its threads.
        scheduler = BatchScheduler(
            threads: configuration.threads,
            bounds: configuration.limits.batchBounds,
            cacheEntriesMax: configuration.limits.queryCacheEntriesMax,
            cacheByteCountMax: configuration.limits.queryCacheByteCountMax,
            metrics: metrics
        )
        exportSizes()
    }

    /// Sets the gauges whose values are elsewhere, before each export.
    ///
    /// None of them costs a read of the database.
    private func exportSizes() {
        let collections = metrics.gauge("ragd_collections", help: "Collections.")
        let chunks = metrics.gauge("ragd_chunks", help: "Chunks in all indexes.")
        let indexBytes = metrics.gauge(
            "ragd_index_bytes",
            help: "Memory of all indexes: vectors, graphs, words and metadata."
        )
        let indexBytesMax = metrics.gauge(
            "ragd_index_bytes_max",
            help: "Memory that indexes and page caches may take; 0 for no limit."
        )
        let selfRecall = metrics.gauge(
            "ragd_self_recall",
            help: "Least share, over collections, of sampled vectors that a search for them finds."
        )
        indexBytesMax.set(Double(configuration.memoryByteCountMax ?? 0))
        let modelBytes = metrics.gauge(
            "ragd_model_bytes",
            help: "Memory of the loaded models' weights."
        )
        let residentBytes = metrics.gauge(
            "ragd_resident_bytes",
            help: "Resident memory of the process."
        )
        let damage = StoredPart.allCases.map { part in
            let gauge = metrics.gauge(
                "ragd_damaged",
                help: "Stored parts that are damaged and not repaired yet.",
                labels: ["part": part.rawValue]
            )
            return (part, gauge)
        }
        metrics.beforeExport { [store] in
            let counts = Self.damage(in: store)
            for (part, gauge) in damage { gauge.set(Double(counts[part] ?? 0)) }
        }
        metrics.beforeExport { [store, models] in
            let open = store.collections()
            collections.set(Double(open.count))
            chunks.set(Double(open.reduce(0) { $0 + $1.indexSize.chunkCount }))
            indexBytes.set(Double(open.reduce(0) { $0 + $1.memoryByteCount }))
            selfRecall.set(open.compactMap(\.selfRecall).min() ?? 1)
            modelBytes.set(Double(models.byteCount))
            if let bytes = ProcessMemory.residentByteCount { residentBytes.set(Double(bytes)) }
        }
    }

    /// Stored parts that are damaged and not repaired, over all collections; costs no read.
    var damage: [StoredPart: Int] { Self.damage(in: store) }

    private static func damage(in store: VectorStore) -> [StoredPart: Int] {
        store.collections().reduce(into: [:]) { sum, collection in
            sum.merge(collection.damage, uniquingKeysWith: +)
        }
    }

    private func startRepair(_ logger: Logger) {
        repair.withLock { repair in
            repair = Task(executorPreference: ingestThreads) { [self] in
                await EmbeddingRepair(engine: self, logger: logger)
                    .run(after: watch.embeddingDamage)
            }
        }
    }

    /// Encodes what waits, ends all threads, and closes the store with its checkpoints.
    func stop() async {
        let repair = repair.withLock(\.self)
        watch.stop()
        repair?.cancel()
        await repair?.value
        await scheduler.stop()
        await models.stop()
        await store.close()
        await ingestThreads.stop()
        await readThreads.stop()
    }

    /// A collection by name.
    func collection(_ name: String) throws(RagError) -> Collection {
        try translating { () throws(VectorStoreError) in try store.collection(named: name) }
    }
}
