import Foundation
import GRDB
import TestSupport
import Testing
import VectorStore

@Suite("Vector store")
struct VectorStoreTests {
    @Test("makes a collection once, and says what differs")
    func createCollection() async throws {
        let open = try await StoreFixture.open()
        let again = try await open.store.createCollection(StoreFixture.configuration())
        #expect(!again.created)
        #expect(again.collection === open.collection)
        do {
            _ = try await open.store.createCollection(StoreFixture.configuration(dimension: 32))
            Issue.record("another dimension was accepted")
        } catch {
            #expect(error.code == .conflict)
            #expect(error.message.contains("dimension is 16, not 32"))
        }
        #expect(throws: VectorStoreError.self) { try open.store.collection(named: "other") }
        #expect(open.store.collections().map(\.configuration.name) == ["notes"])
    }

    @Test(
        "refuses names and sizes that make no sense",
        arguments: ["", "a b", "a/b", ".hidden", "é", String(repeating: "x", count: 129)]
    )
    func refusedNames(name: String) async throws {
        let open = try await StoreFixture.open()
        await #expect(throws: VectorStoreError.self) {
            try await open.store.createCollection(StoreFixture.configuration(name))
        }
        await #expect(throws: VectorStoreError.self) {
            try await open.store.createCollection(StoreFixture.configuration("x", dimension: 0))
        }
    }

    @Test("makes one collection when many ask at once")
    func concurrentCreation() async throws {
        let open = try await StoreFixture.open()
        let created = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    try await open.store.createCollection(StoreFixture.configuration("x")).created
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(created == 1)
    }

    @Test("refuses a directory that is in use, naming the process")
    func lock() async throws {
        let open = try await StoreFixture.open()
        do {
            _ = try VectorStore.open(directory: open.directory.path)
            Issue.record("opened twice")
        } catch {
            #expect(error.code == .conflict)
            #expect(error.message.contains("\(ProcessInfo.processInfo.processIdentifier)"))
        }
        await open.store.close()
        let again = try VectorStore.open(directory: open.directory.path)
        await again.close()
    }

    @Test("refuses a file that is not its own")
    func foreignFile() throws {
        let directory = try TemporaryDirectory()
        let path = directory.url.appendingPathComponent("ragd.sqlite")
        try Data(repeating: 65, count: 8_192).write(to: path)
        do {
            _ = try VectorStore.open(directory: directory.path)
            Issue.record("opened a file of letters")
        } catch {
            #expect(error.code == .corrupted)
        }
    }

    @Test("answers alike before and after it was closed", arguments: [true, false])
    func reopens(afterClosing: Bool) async throws {
        var random = SeededRandom(seed: 21)
        let open = try await StoreFixture.open()
        let writes = (0..<200).map { index in
            StoreFixture.document(
                "d\(index)",
                metadata: ["n": .integer(Int64(index))],
                using: &random
            )
        }
        _ = try await open.collection.upsert(writes)
        _ = try await open.collection.delete(matching: .compare(key: "n", .less, 50))
        let query = random.unitVector(dimension: StoreFixture.dimension)
        let dense = try open.collection.searchDense(query, count: 10, exact: true)
        let lexical = try open.collection.searchLexical("bace difo guha", count: 10)
        let statistics = try open.collection.statistics()

        let directory: TemporaryDirectory
        if afterClosing {
            await open.store.close()
            directory = open.directory
        } else {
            directory = try copy(of: open.directory)
        }
        let store = try VectorStore.open(directory: directory.path)
        let collection = try store.collection(named: "notes")
        #expect(try collection.searchDense(query, count: 10, exact: true) == dense)
        #expect(try collection.searchLexical("bace difo guha", count: 10) == lexical)
        let after = try collection.statistics()
        #expect(after.documentCount == statistics.documentCount)
        #expect(after.position == statistics.position)
        #expect(after.checkpointPosition == (afterClosing ? after.position : 0))
        #expect(after.indexState == .graph)
        #expect(try store.verify() == [])
        // Writing goes on where it ended: keys are not used again.
        _ = try await collection.upsert([StoreFixture.document("new", using: &random)])
        #expect(try store.verify() == [])
        await store.close()
    }

    @Test("refuses writes and reads once it is closed, and closes twice")
    func closed() async throws {
        var random = SeededRandom(seed: 22)
        let open = try await StoreFixture.open()
        await open.store.close()
        await open.store.close()
        let document = StoreFixture.document("a", using: &random)
        await #expect {
            try await open.collection.upsert([document])
        } throws: {
            ($0 as? VectorStoreError)?.code == .closed
        }
        #expect {
            try open.collection.document(id: "a")
        } throws: {
            ($0 as? VectorStoreError)?.code == .closed
        }
    }

    @Test("finishes the writes that wait when it is closed")
    func closeDrains() async throws {
        var random = SeededRandom(seed: 23)
        let open = try await StoreFixture.open()
        let writes = (0..<40).map { StoreFixture.document("d\($0)", using: &random) }
        let acknowledged = await withTaskGroup(of: Bool.self) { group in
            for write in writes {
                group.addTask { (try? await open.collection.upsert([write])) != nil }
            }
            await open.store.close()
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        let store = try VectorStore.open(directory: open.directory.path)
        let collection = try store.collection(named: "notes")
        #expect(try collection.statistics().documentCount == acknowledged)
        await store.close()
    }

    @Test("drops a collection with everything in it, and frees its name and its space")
    func drop() async throws {
        var random = SeededRandom(seed: 24)
        let open = try await StoreFixture.open()
        let kept = try await open.store.createCollection(StoreFixture.configuration("kept"))
        _ = try await kept.collection.upsert([StoreFixture.document("k", using: &random)])
        _ = try await open.collection.upsert(
            (0..<700).map { StoreFixture.document("d\($0)", words: 100, using: &random) }
        )
        await open.store.close()
        let path = open.directory.path + "/ragd.sqlite"
        let fullSize = try size(path)

        let store = try VectorStore.open(directory: open.directory.path)
        let old = try store.collection(named: "notes")
        try await store.dropCollection(named: "notes")
        await #expect(throws: VectorStoreError.self) {
            try await store.dropCollection(named: "notes")
        }
        #expect {
            try old.searchDense(Array(repeating: 1, count: 16), count: 1)
        } throws: {
            ($0 as? VectorStoreError)?.code == .notFound
        }
        let document = StoreFixture.document("a", using: &random)
        await #expect {
            try await old.upsert([document])
        } throws: {
            ($0 as? VectorStoreError)?.code == .notFound
        }
        let new = try await store.createCollection(StoreFixture.configuration(dimension: 4))
        #expect(new.created)
        #expect(try new.collection.statistics().documentCount == 0)
        #expect(try store.collection(named: "kept").statistics().documentCount == 1)
        #expect(try store.verify() == [])
        try await waitUntil { try size(path) < fullSize / 4 }
        await store.close()
    }

    @Test("gives space back after deletions, while it is open and idle")
    func reclaims() async throws {
        var random = SeededRandom(seed: 25)
        let open = try await StoreFixture.open()
        _ = try await open.collection.upsert(
            (0..<700).map { StoreFixture.document("d\($0)", words: 100, using: &random) }
        )
        let path = open.directory.path + "/ragd.sqlite"
        try await waitUntil { try size(path) > 1 << 20 }
        let fullSize = try size(path)
        _ = try await open.collection.delete(matching: .not(.compare(key: "x", .exists, true)))
        try await waitUntil { try size(path) < fullSize / 2 }
        #expect(try open.store.verify() == [])
    }

    @Test("gives readers connections that cannot write")
    func readersAreReadOnly() async throws {
        let open = try await StoreFixture.open()
        for sql in ["DELETE FROM documents", "CREATE TABLE x (y)", "PRAGMA user_version = 5"] {
            #expect(throws: VectorStoreError.self) {
                try open.collection.file.read("writing") { try $0.execute(sql: sql) }
            }
        }
        let flags = try open.collection.file.read("asking") { db in
            try Bool.fetchOne(db, sql: "PRAGMA query_only")
        }
        #expect(flags == true)
        let durable = try open.collection.file.write("asking") { db in
            [
                try String.fetchOne(db, sql: "PRAGMA journal_mode"),
                try String.fetchOne(db, sql: "PRAGMA synchronous"),
                try String.fetchOne(db, sql: "PRAGMA auto_vacuum"),
                try String.fetchOne(db, sql: "PRAGMA foreign_keys"),
            ]
        }
        #expect(durable == ["wal", "2", "2", "1"])
    }

    // MARK: -

    private func size(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.size] as? Int)
    }

    private func waitUntil(_ condition: () throws -> Bool) async throws {
        for _ in 0..<200 {
            if try condition() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("waited ten seconds in vain")
    }
}

/// A copy of a data directory's database as it is at this moment, with its log.
func copy(of directory: TemporaryDirectory) throws -> TemporaryDirectory {
    let copy = try TemporaryDirectory()
    for name in ["ragd.sqlite", "ragd.sqlite-wal"] {
        let source = directory.url.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: source.path) else { continue }
        try FileManager.default.copyItem(at: source, to: copy.url.appendingPathComponent(name))
    }
    return copy
}
