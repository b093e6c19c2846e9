import Foundation
import GRDB
import Synchronization

/// A data directory: collections of documents in one SQLite file, and their indexes in memory.
///
/// Thread safety: `registry` is behind a lock; writes go through `queue`, reads through `file`.
public final class VectorStore: Sendable {
    private let file: DatabaseFile
    private let queue: CommitQueue
    private let options: StoreOptions
    private let observer: StoreEvent.Observer
    private let budget: MemoryBudget
    private let registry = Mutex<[String: Collection]>([:])

    // MARK: - Opening and closing

    /// Opens the store in `directory`, which is made when it does not exist.
    ///
    /// Loads every collection's vectors and graph. Damage to what is derived does not stop the start:
    /// an exact scan serves while a graph is rebuilt in the background, and a chunk whose vector is
    /// damaged is found by its words until it is embedded again (`Collection.damage`).
    ///
    /// - Parameters:
    ///   - directory: the data folder.
    ///   - options: what an operator may choose.
    ///   - observer: is told of damage, repairs and failures that no caller waits for.
    /// - Returns: the store.
    /// - Throws: `conflict` when another process uses the directory or a newer version wrote it;
    ///   `corrupted` naming what is damaged; `memoryExceeded` when a collection does not fit; `io`;
    ///   `invalidArgument` for options out of range.
    public static func open(
        directory: String,
        options: StoreOptions = StoreOptions(),
        observer: @escaping StoreEvent.Observer = { _ in }
    ) throws(VectorStoreError) -> VectorStore {
        try options.validate()
        do {
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true
            )
        } catch {
            throw VectorStoreError(.io, "cannot make the directory \(directory)", cause: error)
        }
        let file = try DatabaseFile(directory: directory, options: options)
        let store = VectorStore(file: file, options: options, observer: observer)
        do throws(VectorStoreError) {
            try store.load()
        } catch {
            // The directory is free again when the caller has the error.
            store.queue.stop()
            file.close()
            throw error
        }
        return store
    }

    private init(
        file: DatabaseFile,
        options: StoreOptions,
        observer: @escaping StoreEvent.Observer
    ) {
        self.file = file
        self.options = options
        self.observer = observer
        budget = MemoryBudget(options)
        queue = CommitQueue(
            file: file,
            pendingMax: options.pendingWritesMax,
            idleStep: DatabaseFile.reclaim
        )
    }

    deinit {
        queue.stop()
    }

    /// Refuses new writes, finishes those that wait, writes checkpoints and closes the file.
    ///
    /// Reads that come later throw `closed`. Closing twice is harmless.
    public func close() async {
        for collection in collections() {
            await collection.checkpointBeforeClosing()
        }
        await queue.close()
        file.close()
    }

    private func load() throws(VectorStoreError) {
        let rows = try file.read("listing collections") { db in
            try Row.fetchAll(db, sql: "SELECT id, name, configuration FROM collections ORDER BY id")
        }
        for row in rows {
            let id = try row.integer(0, "collections.id")
            guard let name = try row.optionalText(1, "collections.name") else {
                continueDropping(id)
                continue
            }
            let configuration = try Self.configuration(row, name: name)
            let collection = try CollectionLoader(
                id: id,
                configuration: configuration,
                file: file,
                queue: queue,
                options: options,
                budget: budget,
                observer: observer
            ).load()
            registry.withLock { $0[name] = collection }
        }
    }

    static func configuration(
        _ row: Row,
        name: String
    ) throws(VectorStoreError) -> CollectionConfiguration {
        let json = try row.text(2, "collections.configuration")
        let configuration: CollectionConfiguration
        do {
            configuration = try JSONDecoder()
                .decode(CollectionConfiguration.self, from: Data(json.utf8))
            try configuration.validate()
        } catch {
            throw VectorStoreError(
                .corrupted,
                "the configuration of collection \"\(name)\" cannot be read",
                cause: error
            )
        }
        guard configuration.name == name else {
            throw .corrupted("the configuration of collection \"\(name)\" has another name")
        }
        return configuration
    }

    // MARK: - Collections

    /// Makes a collection, or gives the one that exists with the same configuration.
    ///
    /// - Returns: the collection, and whether it was made now.
    /// - Throws: `invalidArgument` for a configuration that does not validate; `conflict` naming the
    ///   first field in which an existing collection of the name differs.
    public func createCollection(
        _ configuration: CollectionConfiguration
    ) async throws(VectorStoreError) -> (collection: Collection, created: Bool) {
        try configuration.validate()
        let made = try await queue.perform(isAlone: true) {
            [self] db -> CommitQueue.Change<Collection?> in
            // Alone in its transaction, so that nobody makes or drops one meanwhile.
            guard registry.withLock({ $0[configuration.name] }) == nil else {
                return CommitQueue.Change(nil)
            }
            let collection = try insert(configuration, db)
            return CommitQueue.Change(collection) { [self] in
                registry.withLock { $0[configuration.name] = collection }
            }
        }
        if let made { return (made, true) }
        let existing = try collection(named: configuration.name)
        if let difference = existing.configuration.difference(from: configuration) {
            throw VectorStoreError(
                .conflict,
                "collection \"\(configuration.name)\" exists and differs: its \(difference)"
            )
        }
        return (existing, false)
    }

    /// The collection of that name.
    ///
    /// - Throws: `notFound`.
    public func collection(named name: String) throws(VectorStoreError) -> Collection {
        guard let collection = registry.withLock({ $0[name] }) else {
            throw VectorStoreError(.notFound, "there is no collection \"\(name)\"")
        }
        return collection
    }

    /// All collections, by name.
    public func collections() -> [Collection] {
        registry.withLock { Array($0.values) }
            .sorted { $0.configuration.name < $1.configuration.name }
    }

    /// Removes a collection with everything in it.
    ///
    /// The name is free as soon as the first transaction is committed; rows are removed in bounded
    /// ones after it, between other writes, and a start after a crash goes on where they ended.
    ///
    /// - Throws: `notFound`.
    public func dropCollection(named name: String) async throws(VectorStoreError) {
        let id = try await queue.perform(isAlone: true) { [self] db in
            let collection = try collection(named: name)
            try db.execute(
                sql: "UPDATE collections SET name = NULL WHERE id = ?",
                arguments: [collection.id]
            )
            return CommitQueue.Change(collection.id) { [self] in
                collection.markDropped()
                budget.remove(collection: collection.id)
                registry.withLock { $0[name] = nil }
            }
        }
        while try await queue.perform({ db in
            CommitQueue.Change(try DroppedCollection(id: id).removeSome(db))
        }) {}
    }

    /// Goes on removing the rows of a collection that was dropped before a crash.
    private func continueDropping(_ id: Int64) {
        queue.schedule(isAlone: false) { [weak self] db in
            let more = try DroppedCollection(id: id).removeSome(db)
            return CommitQueue.Change(()) { [weak self] in
                if more { self?.continueDropping(id) }
            }
        } failed: { _ in
            // Still marked in the file: the next start tries again.
        }
    }

    /// Writes a collection's configuration.
    static func write(_ configuration: CollectionConfiguration, of id: Int64, _ db: Database) throws
    {
        try db.execute(
            sql: "UPDATE collections SET configuration = ? WHERE id = ?",
            arguments: [try configuration.json(), id]
        )
    }

    private func insert(
        _ configuration: CollectionConfiguration,
        _ db: Database
    ) throws -> Collection {
        try db.execute(
            sql: "INSERT INTO collections (name, configuration, created_at) VALUES (?, ?, ?)",
            arguments: [
                configuration.name,
                try configuration.json(),
                Int64(Date().timeIntervalSince1970 * 1_000),
            ]
        )
        let id = db.lastInsertedRowID
        let damaged = DamageLog(collection: configuration.name, observer: observer)
        return Collection(
            id: id,
            configuration: configuration,
            file: file,
            queue: queue,
            index: ServingIndex(
                graph: HNSWIndex(for: configuration, file: file, damaged: damaged),
                buildThreads: options.buildThreads
            ),
            lexical: LexicalIndex(LexicalState()),
            log: Collection.LogState(position: 0, changesSinceCheckpoint: 0),
            damaged: damaged,
            options: options,
            budget: budget
        )
    }

    // MARK: - Verifying

    /// Reads everything back and says what is wrong: pages, checksums, counts, full text, graphs on
    /// disk and in memory.
    ///
    /// Blocks the calling thread for as long as reading the whole file takes; nobody waits for it. What
    /// is found damaged is noted and repaired as if a search had met it.
    ///
    /// - Returns: one line a finding; none when all is well.
    public func verify() throws(VectorStoreError) -> [String] {
        var findings: [String] = []
        let open = collections()
        for collection in open { findings += collection.indexFindings() }
        var check = StoreCheck(path: file.path)
        check.note = { id, part, place, reason in
            open.first { $0.id == id }?.noteDamage(part, at: place, reason)
        }
        do throws(VectorStoreError) {
            findings += try check.report().findings
        } catch  where error.code == .corrupted {
            findings.append(error.message)
        }
        return findings
    }
}

extension CollectionConfiguration {
    /// As it is stored.
    fileprivate func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
