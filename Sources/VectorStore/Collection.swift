import Foundation
import Synchronization

/// Documents under one configuration: written whole, searched by meaning, by words and by metadata.
///
/// A write returns when it is on disk and in the index. Reads block the calling thread for the time
/// of a query and never wait for a write; run them on threads of your own, not on the cooperative
/// pool.
///
/// Thread safety: every write goes through the store's commit thread; reads use connections and
/// index snapshots of their own; `log` is behind a lock.
public final class Collection: Sendable {
    /// What the collection is made of.
    public var configuration: CollectionConfiguration { settings.withLock { $0 } }

    package let id: Int64
    package let file: DatabaseFile
    let queue: CommitQueue
    let lexical: LexicalIndex
    let index: ServingIndex
    let log: Mutex<LogState>
    let damaged: DamageLog
    let metadata: MetadataIndex

    let budget: MemoryBudget

    private let settings: Mutex<CollectionConfiguration>
    private let options: StoreOptions

    /// What is known of the collection's log beside the database.
    struct LogState {
        /// The last write that the index has.
        var position: Int64
        /// Chunks that were added or removed since the last checkpoint.
        var changesSinceCheckpoint: Int
        var isCheckpointScheduled = false
        /// Why the last checkpoint was not written; it is tried again.
        var checkpointFailure: VectorStoreError?
        /// What the last look at the index's ways found.
        var selfRecall: Double?
        /// Whether the index is being made anew.
        var isReplacing = false
        /// Whether that failed: it is not tried again until it is asked for, or until the next start.
        var hasReplacingFailed = false
        var isDropped = false
    }

    init(
        id: Int64,
        configuration: CollectionConfiguration,
        file: DatabaseFile,
        queue: CommitQueue,
        index: ServingIndex,
        lexical: LexicalIndex,
        log: LogState,
        damaged: DamageLog,
        options: StoreOptions,
        budget: MemoryBudget
    ) {
        self.id = id
        settings = Mutex(configuration)
        self.file = file
        self.queue = queue
        self.index = index
        self.lexical = lexical
        self.log = Mutex(log)
        self.damaged = damaged
        self.options = options
        self.budget = budget
        metadata = MetadataIndex(byteCountMax: options.metadataByteCountMax)
    }

    // MARK: - Writing

    /// Writes documents in place of those of the same identifiers, all or none.
    ///
    /// - Returns: one outcome a document, in order.
    /// - Throws: `invalidArgument`, `dimensionMismatch`, `notFinite` or `limitExceeded` when a
    ///   document breaks the rules of `DocumentWrite`; `conflict` or `notFound` when one without
    ///   chunks does not meet the text that it names; `memoryExceeded`, `closed`, `io`, `corrupted`.
    public func upsert(
        _ documents: [DocumentWrite]
    ) async throws(VectorStoreError) -> [WriteOutcome] {
        guard !documents.isEmpty else { return [] }
        var ids: Set<String> = []
        var prepared: [PreparedDocument] = []
        for document in documents {
            guard ids.insert(document.id).inserted else {
                throw VectorStoreError(
                    .invalidArgument,
                    "the same document id appears twice in one write"
                )
            }
            prepared.append(try PreparedDocument(document, configuration: configuration))
        }
        // Words take about as much as the text at first, and less once they are packed.
        let growth = prepared.reduce(0) { growth, document in
            guard let chunks = document.chunks else { return growth }
            return growth + index.graph.growth(by: chunks.count) + document.byteCount
        }
        try budget.promise(growth, "a write to collection \"\(configuration.name)\"")
        defer { budget.settle(growth, collection: id, holds: memoryByteCount) }
        return try await write { [prepared] transaction in
            try prepared.map { try transaction.upsert($0) }
        }
    }

    /// Removes the documents of the given identifiers; those that do not exist are passed over.
    ///
    /// - Returns: how many were removed.
    public func delete(ids: [String]) async throws(VectorStoreError) -> Int {
        guard !ids.isEmpty else { return 0 }
        return try await write { transaction in
            try ids.filter { try transaction.delete(id: $0) }.count
        }
    }

    /// Removes the documents that `filter` selects, in transactions of at most 256.
    ///
    /// A failure part of the way leaves the ones before it removed.
    ///
    /// - Returns: how many were removed.
    public func delete(matching filter: Filter) async throws(VectorStoreError) -> Int {
        try filter.validate()
        let batchCount = 256
        var total = 0
        while true {
            let removed = try await write { [id] transaction in
                let ids = try DocumentReader(transaction.db, collection: id)
                    .ids(matching: filter, limit: batchCount)
                return try ids.filter { try transaction.delete(id: $0) }.count
            }
            total += removed
            if removed < batchCount { return total }
        }
    }

    /// How many threads build a graph.
    var buildThreads: Int { options.buildThreads }

    /// Follows a change that is on disk.
    func replaceConfiguration(_ configuration: CollectionConfiguration) {
        settings.withLock { $0 = configuration }
    }

    /// Makes reads and writes throw `notFound` from now on.
    func markDropped() {
        log.withLock { $0.isDropped = true }
    }

    /// Runs `body` as the next write of the log.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (inout CollectionTransaction) throws -> Value
    ) async throws(VectorStoreError) -> Value {
        try await queue.perform { [self] db in
            var transaction = try CollectionTransaction(
                db,
                collection: id,
                language: configuration.textLanguage
            )
            let value = try body(&transaction)
            let change = try transaction.finish()
            let position = transaction.position
            return CommitQueue.Change(value) { [self] in follow(change, position) }
        }
    }

    /// Brings the indexes up to date with a committed write: on the commit thread.
    private func follow(_ change: CollectionTransaction.IndexChange, _ position: Int64) {
        var change = change
        for (key, vector) in change.embedded where !index.graph.contains(key) {
            change.keys.append(key)
            change.vectors += vector
        }
        index.apply(change)
        metadata.apply(
            MetadataIndex.Change(
                position: position,
                documents: change.documents,
                removed: change.removed
            )
        )
        lexical.apply(change.words, at: position)
        settleDamage(change)
        continueReindexing()
        let isDue = log.withLock { log in
            log.position = position
            // A new title changes the words of chunks that stay.
            log.changesSinceCheckpoint +=
                max(change.keys.count, change.words.inserted.count) + change.removed.count
            // A fiftieth of the graph: a checkpoint costs in proportion to it, so writing the whole
            // collection costs about fifty graphs and not the square of it.
            let limit = max(options.changesMaxBetweenCheckpoints, index.count / 50)
            guard log.changesSinceCheckpoint >= limit, !log.isCheckpointScheduled else {
                return false
            }
            log.isCheckpointScheduled = true
            return true
        }
        if isDue { scheduleCheckpoint() }
    }

    /// What is gone is not damaged any more.
    private func settleDamage(_ change: CollectionTransaction.IndexChange) {
        if !damaged.counts.isEmpty {
            for key in change.removed {
                damaged.settle(.vector, at: .chunk(key))
                damaged.settle(.tokenCodes, at: .chunk(key))
            }
        }
        for document in change.damagedTexts { damaged.settle(.text, at: .document(document)) }
    }
}
