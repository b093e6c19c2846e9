import Foundation
import GRDB

/// Brings a collection's index into memory: the checkpoint's graph, the vectors, then the writes that
/// came after the checkpoint.
///
///     checkpoint whole ──────────── graph + vectors, replay ──> graph serves
///     none, few chunks ──────────── insert them all ──────────> graph serves
///     none or damaged, many chunks ─ vectors ─> exact scan serves ─ background build ─> graph serves
struct CollectionLoader {
    let id: Int64
    let configuration: CollectionConfiguration
    let file: DatabaseFile
    let queue: CommitQueue
    let options: StoreOptions
    let damaged: DamageLog

    init(
        id: Int64,
        configuration: CollectionConfiguration,
        file: DatabaseFile,
        queue: CommitQueue,
        options: StoreOptions,
        observer: @escaping StoreEvent.Observer
    ) {
        self.id = id
        self.configuration = configuration
        self.file = file
        self.queue = queue
        self.options = options
        damaged = DamageLog(collection: configuration.name, observer: observer)
    }

    /// What was read.
    private struct Loaded {
        var index: ServingIndex
        var position: Int64
        /// Chunks that the checkpoint does not account for.
        var changes: Int
        /// The graph to complete in the background, with the vectors to do it from.
        var rebuild: GraphRebuild?
    }

    /// Loads the collection.
    ///
    /// A damaged graph is rebuilt; chunks whose vectors are damaged are left out of the index, and
    /// both are noted.
    ///
    /// - Throws: `corrupted` when the rows of documents and chunks make no sense.
    func load() throws(VectorStoreError) -> Collection {
        let loaded = try file.read("loading collection \"\(configuration.name)\"") { try load($0) }
        let collection = Collection(
            id: id,
            configuration: configuration,
            file: file,
            queue: queue,
            index: loaded.index,
            log: Collection.LogState(
                position: loaded.position,
                changesSinceCheckpoint: loaded.changes
            ),
            damaged: damaged,
            options: options
        )
        if let rebuild = loaded.rebuild {
            rebuild.start(for: collection)
        } else if damaged.isDamaged(.graph) {
            // Few chunks: the graph is whole again, and so is to be what is stored of it.
            collection.scheduleCheckpoint()
        }
        return collection
    }

    private func load(_ db: Database) throws -> Loaded {
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
        if let loaded = try fromCheckpoint(db, source, position: position, checkpoint: checkpoint) {
            return loaded
        }
        return try withoutCheckpoint(source, position: position)
    }

    /// The graph of the checkpoint with the later writes replayed, or `nil` when there is none that
    /// can be used.
    private func fromCheckpoint(
        _ db: Database,
        _ source: VectorRows,
        position: Int64,
        checkpoint: Int64
    ) throws -> Loaded? {
        var unknown = UnknownChunks(countMax: replayedMax, dimension: configuration.dimension)
        guard
            let graph = try decodeGraph(db, source, checkpoint: checkpoint, unknown: &unknown)
        else { return nil }
        let deleted = try source.tombstoneCount()
        if unknown.count <= replayedMax {
            graph.insert(keys: unknown.keys, vectors: unknown.vectors, threads: threads)
            return Loaded(
                index: serving(graph),
                position: position,
                changes: unknown.count + deleted
            )
        }
        return try completing(graph, source, position: position, changes: unknown.count + deleted)
    }

    /// The checkpoint's graph over the live vectors, or `nil` when it is missing or damaged.
    ///
    /// - Throws: when rows make no sense.
    private func decodeGraph(
        _ db: Database,
        _ source: VectorRows,
        checkpoint: Int64,
        unknown: inout UnknownChunks
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
                parameters: configuration.index
            ) { take throws(VectorStoreError) in
                do {
                    try source.read { key, vector in
                        if !take(key, vector) { unknown.append(key, vector) }
                    }
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

    private func withoutCheckpoint(_ source: VectorRows, position: Int64) throws -> Loaded {
        let graph = emptyGraph
        let count = try source.count()
        guard count <= replayedMax else {
            return try completing(graph, source, position: position, changes: count)
        }
        var chunks = UnknownChunks(countMax: replayedMax, dimension: configuration.dimension)
        try source.read { chunks.append($0, $1) }
        graph.insert(keys: chunks.keys, vectors: chunks.vectors, threads: threads)
        return Loaded(index: serving(graph), position: position, changes: count)
    }

    /// Serves an exact scan of all vectors while those that `graph` does not have are inserted.
    private func completing(
        _ graph: HNSWIndex,
        _ source: VectorRows,
        position: Int64,
        changes: Int
    ) throws -> Loaded {
        var scan = ExactVectors(dimension: configuration.dimension, metric: configuration.metric)
        try source.read { scan.insert($0, $1) }
        return Loaded(
            index: ServingIndex(scan: scan, buildThreads: threads),
            position: position,
            changes: changes,
            rebuild: GraphRebuild(scan: scan, graph: graph, threads: threads)
        )
    }

    /// Chunks that are inserted before the start ends: about a second's worth.
    private var replayedMax: Int { 2 * options.changesMaxBetweenCheckpoints }

    private var threads: Int { options.buildThreads }

    private var emptyGraph: HNSWIndex {
        HNSWIndex(
            dimension: configuration.dimension,
            metric: configuration.metric,
            parameters: configuration.index
        )
    }

    private func serving(_ graph: HNSWIndex) -> ServingIndex {
        ServingIndex(graph: graph, buildThreads: threads)
    }
}

/// Chunks that a graph does not have, with their vectors while they are few enough to be inserted
/// before the start ends.
private struct UnknownChunks {
    let countMax: Int
    let dimension: Int
    private(set) var count = 0
    private(set) var keys: [ChunkKey] = []
    private(set) var vectors: [Float] = []

    init(countMax: Int, dimension: Int) {
        self.countMax = countMax
        self.dimension = dimension
    }

    mutating func append(_ key: ChunkKey, _ vector: [Float]) {
        count += 1
        guard count <= countMax else {
            (keys, vectors) = ([], [])
            return
        }
        keys.append(key)
        vectors += vector
    }
}
