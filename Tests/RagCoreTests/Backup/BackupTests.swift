import Foundation
import RagCore
import TestSupport
import Testing
import VectorStore

@Suite("Backups")
struct BackupTests {
    @Test("hold what was stored when they began, made while writes go on")
    func whileOpen() async throws {
        let folder = try TemporaryDirectory()
        let data = folder.path + "/data"
        let store = try await Self.store(in: data, count: 200)
        let collection = try store.collection(named: "notes")
        async let writing: Void = Self.write(100, from: 1_000, into: collection)
        let backup = Backup(folder.path + "/backup")
        let summary = try backup.make(of: data, bytesPerSecond: nil, version: "test")
        try await writing
        #expect(summary.collections == 1 && summary.documents >= 200)
        #expect(try backup.findings() == [])
        #expect(try store.verify() == [])
        await store.close()

        let restored = folder.path + "/restored"
        #expect(try backup.restore(to: restored, replacing: false).documents == summary.documents)
        let again = try VectorStore.open(directory: restored)
        let found = try again.collection(named: "notes").document(id: "d7")
        #expect(found?.text == "text number 7")
        #expect(try again.verify() == [])
        await again.close()
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
                == ["backup", "data", "restored"]
        )
    }

    @Test("are refused where a folder is in the way")
    func inTheWay() async throws {
        let folder = try TemporaryDirectory()
        let data = folder.path + "/data"
        let store = try await Self.store(in: data, count: 3)
        let backup = Backup(folder.path + "/backup")
        _ = try backup.make(of: data, bytesPerSecond: nil, version: "test")
        let again = #expect(throws: RagError.self) {
            try backup.make(of: data, bytesPerSecond: nil, version: "test")
        }
        #expect(again?.kind == .conflict)
        let exists = #expect(throws: RagError.self) {
            try backup.restore(to: data, replacing: false)
        }
        #expect(exists?.kind == .conflict)
        // A daemon has it open.
        let busy = #expect(throws: RagError.self) {
            try backup.restore(to: data, replacing: true)
        }
        #expect(busy?.kind == .conflict)
        try await Self.write(1, from: 500, into: try store.collection(named: "notes"))
        await store.close()

        let summary = try backup.restore(to: data + "/", replacing: true)
        let kept = try #require(summary.replaced)
        #expect(try VectorStore.check(directory: kept).collections.first?.documentCount == 4)
        #expect(try VectorStore.check(directory: data).collections.first?.documentCount == 3)
    }

    @Test("that were changed are refused, whatever byte it is", arguments: 0..<20)
    func changed(seed: UInt64) async throws {
        let folder = try TemporaryDirectory()
        let data = folder.path + "/data"
        let store = try await Self.store(in: data, count: 20)
        await store.close()
        let backup = Backup(folder.path + "/backup")
        _ = try backup.make(of: data, bytesPerSecond: nil, version: "test")
        var random = SeededRandom(seed: seed)
        let file = URL(fileURLWithPath: folder.path + "/backup/ragd.sqlite")
        var bytes = try Data(contentsOf: file)
        let place = Int.random(in: 0..<bytes.count, using: &random)
        bytes[place] ^= UInt8.random(in: 1...255, using: &random)
        try bytes.write(to: file)
        #expect(try !backup.findings().isEmpty, "seed \(seed)")
        #expect(throws: RagError.self, "seed \(seed)") {
            try backup.restore(to: folder.path + "/restored", replacing: false)
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
                == ["backup", "data"]
        )
    }

    @Test("of nothing, and what is no backup, are errors that name the folder")
    func missing() throws {
        let folder = try TemporaryDirectory()
        let none = #expect(throws: RagError.self) {
            try Backup(folder.path + "/b")
                .make(of: folder.path + "/data", bytesPerSecond: nil, version: "test")
        }
        #expect(none?.kind == .notFound)
        let noBackup = #expect(throws: RagError.self) { try Backup(folder.path).findings() }
        #expect(noBackup?.kind == .notFound)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test("a repair makes indexes again that a verification finds damaged")
    func repair() async throws {
        let folder = try TemporaryDirectory()
        let data = folder.path + "/data"
        let store = try await Self.store(in: data, count: 20)
        #expect(throws: VectorStoreError.self) { try VectorStore.repair(directory: data) }
        await store.close()
        #expect(try VectorStore.repair(directory: data).findings == [])
        let again = try VectorStore.open(directory: data)
        #expect(try again.verify() == [])
        await again.close()
    }

    private static func store(in folder: String, count: Int) async throws -> VectorStore {
        let store = try VectorStore.open(directory: folder)
        let (collection, _) = try await store.createCollection(
            CollectionConfiguration(
                name: "notes",
                model: "test-model",
                dimension: 8,
                chunking: .init(maxTokens: 32, overlapTokens: 4),
                lateInteraction: .none
            )
        )
        try await write(count, from: 0, into: collection)
        return store
    }

    private static func write(
        _ count: Int,
        from first: Int,
        into collection: Collection
    ) async throws {
        for number in first..<first + count {
            var random = SeededRandom(seed: UInt64(number))
            let text = "text number \(number)"
            let document = DocumentWrite(
                id: "d\(number)",
                metadata: ["number": .integer(Int64(number))],
                text: text,
                contentHash: [UInt8](repeating: 1, count: 16),
                tokenCount: 3,
                chunks: [
                    ChunkWrite(
                        range: 0..<text.utf8.count,
                        tokenCount: 3,
                        textHash: [UInt8](repeating: UInt8(number % 256), count: 16),
                        vector: random.unitVector(dimension: 8)
                    )
                ]
            )
            _ = try await collection.upsert([document])
        }
    }
}
