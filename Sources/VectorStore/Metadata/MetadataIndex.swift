import Synchronization

/// The metadata of a collection's documents in memory, for filters: loaded key by key as keys are
/// filtered on, then kept in step by every commit.
///
///     search: snapshot ── keys there ──────────────────────> bits of rows ─> chunks
///                      └─ missing ─> load from `metadata` ─┘
///     commit: table row, entries of each loaded key ─ merge a column that has many
///
/// Nothing of it is on disk. Where it cannot serve — a key too large, a damaged row, more keys than it
/// keeps, a key that another search is loading — the filter is evaluated by SQL, which means the same.
///
/// Thread safety: `state` is behind a lock that is held to copy references, or to note the documents of
/// one write. Searches evaluate on a snapshot; what is slow is made outside the lock and put in its place
/// by the commit thread, or by the one search that holds `loader`.
final class MetadataIndex: Sendable {
    /// What a filter is evaluated on.
    struct Snapshot {
        var table: DocumentTable
        var columns: [MetadataKey: MetadataColumn]
    }

    /// A document as a write left it.
    struct Document: Sendable {
        /// Its key in the table `documents`.
        var key: Int64
        /// Its chunks, whose keys are consecutive; empty when it has none.
        var chunks: Range<ChunkKey>
        var metadata: MetadataRows
    }

    /// What one write did.
    struct Change: Sendable {
        /// Its place in the collection's log.
        var position: Int64
        var documents: [Document]
        /// Chunks that are gone.
        var removed: [ChunkKey]
    }

    private struct State {
        /// Every document, once a filter was asked for.
        var table: DocumentTable?
        /// Counts the times that rows were numbered anew.
        var generation = 0
        /// The last write that the table holds.
        var position: Int64 = 0
        var columns: [MetadataKey: Column] = [:]
        /// Keys that stay with SQL.
        var refused: Set<MetadataKey> = []
        /// The writes since a load began; `nil` when there is none, or when they have become too many.
        var backlog: [Change]?
        /// Counts snapshots.
        var useCount: UInt64 = 0
    }

    private struct Column {
        var column: MetadataColumn
        var lastUse: UInt64
    }

    /// Keys that are kept at most: each costs every write a look.
    static let keyCountMax = 64

    /// Writes that a load may miss before it is given up.
    private static let backlogMax = 4_096

    /// Keys whose refusal is remembered.
    private static let refusedMax = 1_024

    private let state = Mutex(State())
    /// Held by the search that loads.
    private let loader = Mutex(())
    private let byteCountMax: Int

    /// - Parameter byteCountMax: how large all columns may get; the keys that were not used for the longest
    ///   go first.
    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
    }

    /// Bytes of the table and all columns.
    var byteCount: Int {
        state.withLock { state in
            state.columns.values.reduce(state.table?.byteCount ?? 0) { $0 + $1.column.byteCount }
        }
    }

    /// The keys that are loaded.
    var keys: [String] {
        state.withLock { $0.columns.keys.map(\.string) }
    }

    // MARK: - Reading

    /// The chunks of the documents that `filter` selects, or `nil` when SQL has to say.
    func select(_ filter: Filter, from source: MetadataSource) -> Selection? {
        let keys = filter.keys
        guard keys.count <= Self.keyCountMax else { return nil }
        if let snapshot = snapshot(of: keys) { return filter.chunks(in: snapshot) }
        let isLoaded = loader.withLockIfAvailable { _ in load(keys, from: source) } ?? false
        guard isLoaded, let snapshot = snapshot(of: keys) else { return nil }
        return filter.chunks(in: snapshot)
    }

    private func snapshot(of keys: Set<MetadataKey>) -> Snapshot? {
        state.withLock { state in
            guard let table = state.table, keys.allSatisfy({ state.columns[$0] != nil }) else {
                return nil
            }
            state.useCount += 1
            var columns: [MetadataKey: MetadataColumn] = [:]
            for key in keys {
                state.columns[key]?.lastUse = state.useCount
                columns[key] = state.columns[key]?.column
            }
            return Snapshot(table: table, columns: columns)
        }
    }

    // MARK: - Loading

    /// Reads the keys that are missing, and returns whether all are there now.
    private func load(_ keys: Set<MetadataKey>, from source: MetadataSource) -> Bool {
        let start = state.withLock { state -> (MetadataSource.Request, generation: Int)? in
            guard state.refused.isDisjoint(with: keys) else { return nil }
            state.backlog = []
            let missing = keys.filter { state.columns[$0] == nil }
            return (MetadataSource.Request(keys: missing, table: state.table), state.generation)
        }
        guard let (request, generation) = start else { return false }
        let answer = try? source.read(request, byteCountMax: byteCountMax)
        return state.withLock { state in
            let backlog = state.backlog
            state.backlog = nil
            // What stands in the way here stands in SQL's way, too, which then reports it.
            guard let answer, let backlog, generation == state.generation else { return false }
            if state.refused.count + answer.refused.count > Self.refusedMax { state.refused = [] }
            state.refused.formUnion(answer.refused)
            guard let table = answer.table else { return false }
            install(table, answer, backlog, &state)
            guard keys.allSatisfy({ state.columns[$0] != nil }) else {
                // They do not fit beside each other: not to be read again for every search.
                state.refused.formUnion(answer.columns.keys)
                return false
            }
            return true
        }
    }

    /// Puts what was read in its place, and makes up for the writes since.
    private func install(
        _ table: DocumentTable,
        _ answer: MetadataSource.Answer,
        _ backlog: [Change],
        _ state: inout State
    ) {
        if state.table == nil {
            state.table = table
            state.position = answer.position
            for change in backlog { Self.follow(change, &state) }
        }
        for (key, loaded) in answer.columns {
            var column = loaded
            // Also of those that were read: the last one of a document says what it has.
            for document in backlog.flatMap(\.documents) {
                guard let row = state.table?.row(first: document.chunks.lowerBound) else {
                    continue
                }
                column.set(row, to: document.metadata.entries(at: key))
            }
            state.useCount += 1
            state.columns[key] = Column(column: column, lastUse: state.useCount)
        }
        evict(&state)
    }

    /// Drops the keys that were not used for the longest until the rest fits.
    private func evict(_ state: inout State) {
        var byteCount = state.columns.values.reduce(0) { $0 + $1.column.byteCount }
        let byUse = state.columns.sorted { $0.value.lastUse < $1.value.lastUse }
        for (key, column) in byUse {
            guard byteCount > byteCountMax || state.columns.count > Self.keyCountMax else { return }
            byteCount -= column.column.byteCount
            state.columns[key] = nil
        }
    }

    // MARK: - Writing

    /// Follows a committed write: on the commit thread, before anybody is told of it.
    func apply(_ change: Change) {
        let due = state.withLock { state -> [MetadataKey: MetadataColumn] in
            state.backlog?.append(change)
            if state.backlog?.count ?? 0 > Self.backlogMax { state.backlog = nil }
            Self.follow(change, &state)
            guard let rowCount = state.table?.rowCount else { return [:] }
            return state.columns.mapValues(\.column).filter {
                $0.value.isMergeDue(rowCount: rowCount)
            }
        }
        for (key, column) in due { merge(column, key) }
        compact()
    }

    private static func follow(_ change: Change, _ state: inout State) {
        guard state.table != nil, change.position > state.position else { return }
        state.position = change.position
        for chunk in change.removed { state.table?.remove(first: chunk) }
        // An array: a copy of the dictionary would have every change copy all columns.
        let keys = Array(state.columns.keys)
        for document in change.documents where !document.chunks.isEmpty {
            let first = document.chunks.lowerBound
            guard let row = state.table?.row(first: first) ?? append(document, &state) else {
                // No write of ours gives chunks keys below earlier ones: read everything again.
                state = State(generation: state.generation + 1, refused: state.refused)
                return
            }
            for key in keys {
                state.columns[key]?.column.set(row, to: document.metadata.entries(at: key))
            }
        }
    }

    private static func append(_ document: Document, _ state: inout State) -> UInt32? {
        let row = DocumentTable.Row(
            document: document.key,
            first: document.chunks.lowerBound,
            count: UInt32(document.chunks.count)
        )
        guard state.table?.append(row) == true else { return nil }
        return state.table.map { UInt32($0.rowCount - 1) }
    }

    /// Merges a column's changed rows into its lists.
    private func merge(_ column: MetadataColumn, _ key: MetadataKey) {
        guard let live = state.withLock({ $0.table?.live }) else { return }
        let merged = column.merged { live.contains($0) ? $0 : nil }
        state.withLock { state in
            state.columns[key]?.column = merged
            evict(&state)
        }
    }

    /// Numbers the rows anew when most are dead.
    private func compact() {
        let old = state.withLock {
            state -> (table: DocumentTable, columns: [MetadataKey: Column])? in
            guard let table = state.table, state.backlog == nil,
                table.deadCount > max(1_024, table.rowCount / 2)
            else { return nil }
            return (table, state.columns)
        }
        guard let old else { return }
        let (table, numbers) = old.table.compacted()
        let columns = old.columns.mapValues { column in
            Column(
                column: column.column.merged { row in
                    numbers[Int(row)] == .max ? nil : numbers[Int(row)]
                },
                lastUse: column.lastUse
            )
        }
        state.withLock { state in
            state.table = table
            state.columns = columns
            state.generation += 1
        }
    }
}
