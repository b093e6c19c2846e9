import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing
import VectorStore

/// What a crash leaves behind, made by copying the files of a store that is being written to.
///
///     writers     upsert ─ acknowledged ─ upsert ─ acknowledged ─ upsert ─ ...
///     copier                  └ note what is acknowledged ─ copy log and file ─ open the copy
///
/// A checkpoint of the write-ahead log between the two copies would tear them apart, which a crash
/// does not do; so the stores here copy the log into the file at the end only.
@Suite("Recovery")
struct RecoveryTests {
    @Test("keeps every acknowledged write, whole", arguments: [1, 2, 3, 4])
    func crashes(seed: UInt64) async throws {
        var options = StoreOptions()
        options.changesMaxBetweenCheckpoints = 40
        let open = try await StoreFixture.open(options: options)
        try open.collection.file.write("configuring") { db in
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
        }
        let journal = Journal()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<3 {
                group.addTask {
                    var random = SeededRandom(seed: seed &* 100 &+ UInt64(writer))
                    while !journal.isDone {
                        // Few identifiers, so that documents replace each other.
                        let id = "w\(writer)-\(Int.random(in: 0..<12, using: &random))"
                        let write = StoreFixture.document(id, words: 30, using: &random)
                        journal.forget(id)
                        _ = try await open.collection.upsert([write])
                        journal.note(id, write.text)
                    }
                }
            }
            group.addTask {
                var random = SeededRandom(seed: seed)
                for _ in 0..<6 {
                    let pause = Int.random(in: 1...40, using: &random)
                    try await Task.sleep(for: .milliseconds(pause))
                    let expected = journal.texts
                    let copy = try copy(of: open.directory)
                    // A writer may have begun to replace a document since; then either text is right.
                    let now = journal.texts
                    let stable = expected.filter { now[$0.key] == $0.value }
                    try await expectWhole(copy, stable, seed: seed)
                }
                journal.finish()
            }
            try await group.waitForAll()
        }
        #expect(try open.store.verify() == [])
    }

    private func expectWhole(
        _ directory: TemporaryDirectory,
        _ expected: [String: String],
        seed: UInt64
    ) async throws {
        let store = try VectorStore.open(directory: directory.path)
        let collection = try store.collection(named: "notes")
        for (id, text) in expected {
            let document = try collection.document(id: id)
            #expect(document?.text == text, "seed \(seed), document \(id)")
            let keys = document?.chunks.map(\.key) ?? []
            #expect(try collection.vectors(for: keys).count == keys.count)
        }
        #expect(try store.verify() == [], "seed \(seed)")
        await store.close()
    }

    /// What may have become of a graph checkpoint.
    enum Damage: String, CaseIterable {
        case missing
        case flipped
        case truncated
        case stale
    }

    @Test(
        "rebuilds a damaged or missing graph while an exact scan serves",
        arguments: Damage.allCases
    )
    func damagedCheckpoint(damage: Damage) async throws {
        var random = SeededRandom(seed: 41)
        let open = try await StoreFixture.open()
        _ = try await open.collection.upsert(
            (0..<400).map { StoreFixture.document("d\($0)", using: &random) }
        )
        let query = random.unitVector(dimension: StoreFixture.dimension)
        let expected = try open.collection.searchDense(query, count: 10, exact: true)
        let removed = try #require(expected.first?.key)
        await open.store.close()
        try damageCheckpoint(open.directory, damage)

        var options = StoreOptions()
        // Few enough that the collection does not count as small.
        options.changesMaxBetweenCheckpoints = 10
        let store = try VectorStore.open(directory: open.directory.path, options: options)
        let collection = try store.collection(named: "notes")
        // Whether the scan or the graph answers by now, the answer is the same.
        #expect(try collection.searchDense(query, count: 10, exact: true) == expected)
        #expect(try collection.vectors(for: expected.map(\.key)).count == 10)

        // Writes during the rebuild are in the scan at once, and in the graph afterwards.
        let document = try #require(try collection.chunks(for: [removed])[removed]).documentID
        #expect(try await collection.delete(ids: [document]) == 1)
        let added = StoreFixture.document("added", using: &random)
        _ = try await collection.upsert([added])
        let vector = try #require(added.chunks?.first?.vector)
        for _ in 0..<2 {
            let hits = try collection.searchDense(query, count: 10, exact: true)
            #expect(!hits.map(\.key).contains(removed))
            let nearest = try collection.searchDense(vector, count: 1)
            let key = try #require(nearest.first?.key)
            #expect(try collection.chunks(for: [key])[key]?.documentID == "added")
            try await waitForGraph(collection)
        }
        #expect(try store.verify() == [])
        await store.close()

        let again = try VectorStore.open(directory: open.directory.path, options: options)
        let statistics = try again.collection(named: "notes").statistics()
        #expect(statistics.indexState == .graph)
        #expect(statistics.checkpointPosition == statistics.position)
        await again.close()
    }

    private func damageCheckpoint(_ directory: TemporaryDirectory, _ damage: Damage) throws {
        let queue = try DatabaseQueue(path: directory.path + "/ragd.sqlite")
        try queue.write { db in
            switch damage {
            case .missing:
                try db.execute(sql: "DELETE FROM graph_checkpoints")
            case .flipped:
                let data = try #require(
                    try Data.fetchOne(db, sql: "SELECT data FROM graph_checkpoints WHERE part = 0")
                )
                var damaged = data
                damaged[damaged.count / 2] ^= 1
                try db.execute(
                    sql: "UPDATE graph_checkpoints SET data = ? WHERE part = 0",
                    arguments: [damaged]
                )
            case .truncated:
                try db.execute(
                    sql: "UPDATE graph_checkpoints SET data = substr(data, 1, 20) WHERE part = 0"
                )
            case .stale:
                // A graph without any of the chunks: as if nothing had been checkpointed since.
                let empty = try VectorStoreFixtureGraph.emptyCheckpoint()
                try db.execute(sql: "DELETE FROM graph_checkpoints WHERE part > 0")
                try db.execute(
                    sql: "UPDATE graph_checkpoints SET data = ?",
                    arguments: [empty]
                )
            }
        }
        try queue.close()
    }

    private func waitForGraph(_ collection: Collection) async throws {
        for _ in 0..<400 {
            if collection.indexState == .graph { return }
            try await Task.sleep(for: .milliseconds(25))
        }
        Issue.record("no graph after ten seconds")
    }

    @Test("goes on removing a collection whose removal was cut short")
    func interruptedDrop() async throws {
        var random = SeededRandom(seed: 42)
        let open = try await StoreFixture.open()
        _ = try await open.collection.upsert(
            (0..<300).map { StoreFixture.document("d\($0)", using: &random) }
        )
        await open.store.close()
        let queue = try DatabaseQueue(path: open.directory.path + "/ragd.sqlite")
        try await queue.write { try $0.execute(sql: "UPDATE collections SET name = NULL") }
        try queue.close()

        let store = try VectorStore.open(directory: open.directory.path)
        #expect(store.collections().isEmpty)
        await store.close()
        let after = try DatabaseQueue(path: open.directory.path + "/ragd.sqlite")
        let left = try await after.read { db in
            try ["collections", "documents", "chunks", "vectors", "token_codes", "metadata"]
                .map { try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0)") }
        }
        // Closing may come between two steps; opening once more ends it.
        if left != Array(repeating: 0, count: 6) {
            let again = try VectorStore.open(directory: open.directory.path)
            _ = try await again.createCollection(StoreFixture.configuration())
            try await again.dropCollection(named: "notes")
            #expect(try again.verify() == [])
            await again.close()
        }
    }
}

/// What writers were told is on disk.
private final class Journal: Sendable {
    private let state = Mutex((texts: [String: String](), isDone: false))

    var texts: [String: String] { state.withLock { $0.texts } }
    var isDone: Bool { state.withLock { $0.isDone } }

    func forget(_ id: String) {
        state.withLock { $0.texts[id] = nil }
    }

    func note(_ id: String, _ text: String) {
        state.withLock { $0.texts[id] = text }
    }

    func finish() {
        state.withLock { $0.isDone = true }
    }
}

/// A stored graph without nodes.
enum VectorStoreFixtureGraph {
    static func emptyCheckpoint() throws -> Data {
        let graph = HNSWIndex(
            dimension: StoreFixture.dimension,
            metric: .cosine,
            parameters: .standard
        )
        return Data(StoredBlob.encode(graph.encodeGraph()))
    }
}
