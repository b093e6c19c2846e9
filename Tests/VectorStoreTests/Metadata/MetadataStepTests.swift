import Synchronization
import TestSupport
import Testing
import VectorStore

/// Filters while others write: what is acknowledged is what a filter sees.
@Suite("Metadata in step")
struct MetadataStepTests {
    @Test(
        "a filter sees every acknowledged write, whichever key is being loaded",
        arguments: [1, 2]
    )
    func seesAcknowledgedWrites(seed: UInt64) async throws {
        let open = try await StoreFixture.open()
        let collection = open.collection
        try await Self.read(collection) {
            try await withThrowingTaskGroup(of: Void.self) { writers in
                for writer in 0..<3 {
                    writers.addTask {
                        try await Self.write(collection, writer: writer, seed: seed)
                    }
                }
                try await writers.waitForAll()
            }
        }
        let filter = Filter.compare(key: "v", .less, 20)
        #expect(try collection.select(filter) == collection.selectBySQL(filter))
    }

    @Test("a filter sees every acknowledged write while columns are merged and rows numbered anew")
    func seesWritesThroughMerges() async throws {
        let open = try await StoreFixture.open()
        let collection = open.collection
        try await Self.read(collection) {
            var random = SeededRandom(seed: 9)
            // Enough changed rows for several merges, and many more dead rows than live ones.
            for round in 0..<14 {
                let writes = (0..<300).map { index in
                    StoreFixture.document(
                        "d\(index)",
                        words: 1,
                        metadata: ["v": .integer(Int64(round)), "n": .integer(Int64(index))],
                        using: &random
                    )
                }
                _ = try await collection.upsert(writes)
                let mine = Filter.compare(key: "v", .equal, .integer(Int64(round)))
                #expect(try collection.select(mine).count == 300)
                #expect(try collection.select(.not(mine)).count == 0)
                let some = Filter.and([mine, .compare(key: "n", .less, 30)])
                #expect(try collection.select(some) == collection.selectBySQL(some))
            }
        }
    }

    /// Runs `body` beside readers that bring new keys in all the time, and look at those of the writers.
    private static func read(
        _ collection: Collection,
        during body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let isDone = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for reader in 0..<2 {
                group.addTask {
                    var round = 0
                    while !isDone.isSet {
                        round += 1
                        let other = Filter.compare(
                            key: "key \(reader) \(round % 50)",
                            .exists,
                            true
                        )
                        _ = try collection.select(.and([other, .compare(key: "v", .exists, true)]))
                        await Task.yield()
                    }
                }
            }
            group.addTask {
                defer { isDone.set() }
                try await body()
            }
            try await group.waitForAll()
        }
    }

    private final class Flag: Sendable {
        private let word = Atomic(false)

        var isSet: Bool { word.load(ordering: .relaxed) }

        func set() {
            word.store(true, ordering: .relaxed)
        }
    }

    /// Writes documents of its own and asks for them after each acknowledgement.
    private static func write(_ collection: Collection, writer: Int, seed: UInt64) async throws {
        var random = SeededRandom(seed: seed &* 31 &+ UInt64(writer))
        var last: [String: DocumentWrite] = [:]
        for value in 0..<60 {
            let id = "w\(writer)-\(Int.random(in: 0..<6, using: &random))"
            let mine = Filter.and([
                .compare(key: "w", .equal, .integer(Int64(writer))),
                .compare(key: "v", .equal, .integer(Int64(value))),
            ])
            #expect(try collection.select(mine).count == 0)
            var document = StoreFixture.document(id, words: 9, using: &random)
            if let kept = last[id], Bool.random(using: &random) {
                document = kept
                document.chunks = nil
            }
            document.metadata = ["w": .integer(Int64(writer)), "v": .integer(Int64(value))]
            _ = try await collection.upsert([document])
            last[id] = document
            let found = try collection.select(mine)
            #expect(found.count == 2, "writer \(writer), value \(value)")
            let chunks = try collection.chunks(for: found.keys)
            #expect(Set(chunks.values.map(\.documentID)) == [id])
            if value.isMultiple(of: 9) {
                _ = try await collection.delete(ids: [id])
                last[id] = nil
                #expect(try collection.select(mine).count == 0)
            }
        }
    }

    @Test("a dropped collection is not filtered any more")
    func dropped() async throws {
        var random = SeededRandom(seed: 3)
        let open = try await StoreFixture.open()
        _ = try await open.collection.upsert([
            StoreFixture.document("a", metadata: ["v": 1], using: &random)
        ])
        let filter = Filter.compare(key: "v", .equal, 1)
        #expect(try open.collection.select(filter).count > 0)
        try await open.store.dropCollection(named: "notes")
        #expect {
            try open.collection.select(filter)
        } throws: {
            ($0 as? VectorStoreError)?.code == .notFound
        }
    }
}
