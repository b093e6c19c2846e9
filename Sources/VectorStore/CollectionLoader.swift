import Foundation
import GRDB

/// Brings a collection's index into memory: the checkpoint's graph, the vectors, then the writes that
/// came after the checkpoint.
///
///     checkpoint whole ──────────── graph + vectors, replay ──> graph serves
///     none, few chunks ──────────── link them all ────────────> graph serves
///     none or damaged, many chunks ─ stage them ─> scans serve ─ link in the background ─> graph serves
struct CollectionLoader {
    let id: Int64
    let configuration: CollectionConfiguration
    let file: DatabaseFile
    let queue: CommitQueue
    let options: StoreOptions
    let damaged: DamageLog
    let budget: MemoryBudget

    init(
        id: Int64,
        configuration: CollectionConfiguration,
        file: DatabaseFile,
        queue: CommitQueue,
        options: StoreOptions,
        budget: MemoryBudget,
        observer: @escaping StoreEvent.Observer
    ) {
        self.id = id
        self.configuration = configuration
        self.file = file
        self.queue = queue
        self.options = options
        self.budget = budget
        damaged = DamageLog(collection: configuration.name, observer: observer)
    }

    /// What was read.
    private struct Loaded {
        var graph: HNSWIndex
        var lexical = LexicalLoader.Loaded(index: LexicalIndex())
        var position: Int64
        /// Chunks that the checkpoint does not account for.
        var changes: Int
    }

    /// Loads the collection.
    ///
    /// A damaged graph is rebuilt; chunks whose vectors are damaged are left out of the index, and
    /// both are noted.
    ///
    /// - Throws: `corrupted` when the rows of documents and chunks make no sense; `memoryExceeded` when it
    ///   does not fit beside those that are open.
    func load() throws(VectorStoreError) -> Collection {
        let growth = try expectedByteCount()
        let purpose = "opening collection \"\(configuration.name)\""
        try budget.promise(growth, purpose)
        let loaded = try file.read("loading collection \"\(configuration.name)\"") { try load($0) }
        let collection = Collection(
            id: id,
            configuration: configuration,
            file: file,
            queue: queue,
            index: ServingIndex(graph: loaded.graph, buildThreads: threads),
            lexical: loaded.lexical.index,
            log: Collection.LogState(
                position: loaded.position,
                changesSinceCheckpoint: max(loaded.changes, loaded.lexical.isChanged ? 1 : 0)
            ),
            damaged: damaged,
            options: options,
            budget: budget
        )
        budget.settle(growth, collection: id, holds: collection.memoryByteCount)
        try budget.promise(0, purpose)
        if loaded.lexical.isMissing { LexicalRebuild(collection: collection).start() }
        if !loaded.graph.isComplete {
            GraphRebuild(threads: threads).start(for: collection)
        } else if damaged.isDamaged(.graph) || damaged.isDamaged(.textIndex) {
            // Few chunks: the index is whole again, and so is to be what is stored of it.
            collection.scheduleCheckpoint()
        }
        collection.continueReindexing()
        return collection
    }

    /// About what the collection will take, before anything of it is read.
    private func expectedByteCount() throws(VectorStoreError) -> Int {
        let counts = try file.read("reading counts of collection \"\(configuration.name)\"") { db in
            try Row.fetchOne(
                db,
                sql: "SELECT \(CollectionCounts.columns) FROM collections WHERE id = ?",
                arguments: [id]
            ).map { try CollectionCounts($0, from: 0) }
        }
        return HNSWIndex(for: configuration, file: file, damaged: damaged)
            .growth(by: counts?.chunks ?? 0)
    }

    private func load(_ db: Database) throws -> Loaded {
        var loaded = try loadGraph(db)
        loaded.lexical = try LexicalLoader(
            id: id,
            language: configuration.textLanguage,
            damaged: damaged
        ).load(db, position: loaded.position)
        return loaded
    }

    private func loadGraph(_ db: Database) throws -> Loaded {
        let row = try Row.fetchOne(
            db,
            sql: "SELECT position, checkpoint_position FROM collections WHERE id = ?",
            arguments: [id]
        )
        guard let row else { throw VectorStoreError.corrupted("collection \(id) is missing") }
        let position = try row.integer(0, "collections.position")
        let checkpoint = try row.integer(1, "collections.checkpoint_position")
        let source = VectorRows(
            db,
            collection: id,
            dimension: configuration.dimension,
            damaged: damaged
        )
        let graph =
            try decodeGraph(db, source, checkpoint: checkpoint) ?? stagingAll(source)
        let staged = graph.stagedKeyCount
        if staged <= replayedMax {
            while graph.linkStaged(threads: threads) {}
        }
        let deleted = try source.tombstoneCount()
        return Loaded(graph: graph, position: position, changes: staged + deleted)
    }

    /// The checkpoint's graph over the live vectors with the later ones staged, or `nil` when it is
    /// missing or damaged.
    ///
    /// - Throws: when rows make no sense.
    private func decodeGraph(
        _ db: Database,
        _ source: VectorRows,
        checkpoint: Int64
    ) throws -> HNSWIndex? {
        var rowsError: VectorStoreError?
        do throws(VectorStoreError) {
            let bytes: [UInt8]?
            do {
                bytes = try GraphCheckpoint.read(db, collection: id, position: checkpoint)
            } catch {
                throw VectorStoreError(database: error, while: "reading the graph checkpoint")
            }
            guard let bytes else {
                if checkpoint > 0 {
                    let reason = VectorStoreError.corrupted("the graph checkpoint is gone")
                    damaged.note(.graph, at: .collection, reason)
                }
                return nil
            }
            return try HNSWIndex.decodeGraph(
                bytes,
                dimension: configuration.dimension,
                metric: configuration.metric,
                parameters: configuration.index,
                source: HNSWIndex.source(for: configuration, file: file, damaged: damaged)
            ) { take throws(VectorStoreError) in
                do {
                    try source.read { take($0, $1) }
                } catch {
                    let error = VectorStoreError(database: error, while: "loading vectors")
                    rowsError = error
                    throw error
                }
            }
        } catch {
            if let rowsError { throw rowsError }
            damaged.note(.graph, at: .collection, error)
            return nil
        }
    }

    /// An index of all vectors, none of which is linked.
    private func stagingAll(_ source: VectorRows) throws -> HNSWIndex {
        let graph = HNSWIndex(for: configuration, file: file, damaged: damaged)
        try source.read { graph.stage(keys: [$0], vectors: $1) }
        return graph
    }

    /// Chunks that are linked before the start ends: about a second's worth.
    private var replayedMax: Int { 2 * options.changesMaxBetweenCheckpoints }

    private var threads: Int { options.buildThreads }
}

extension HNSWIndex {
    /// An empty index for a collection.
    convenience init(
        for configuration: CollectionConfiguration,
        file: DatabaseFile,
        damaged: DamageLog
    ) {
        self.init(
            dimension: configuration.dimension,
            metric: configuration.metric,
            parameters: configuration.index,
            source: Self.source(for: configuration, file: file, damaged: damaged)
        )
    }

    /// What has a collection's vectors when its index does not.
    static func source(
        for configuration: CollectionConfiguration,
        file: DatabaseFile,
        damaged: DamageLog
    ) -> (any VectorSource)? {
        guard configuration.index.vectors == .disk else { return nil }
        return StoredVectors(file: file, dimension: configuration.dimension, damaged: damaged)
    }
}
