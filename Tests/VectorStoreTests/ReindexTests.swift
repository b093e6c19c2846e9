import Foundation
import TestSupport
import Testing
import VectorStore

/// An index that is made anew while the collection is used.
@Suite("Reindex")
struct ReindexTests {
    private static let documentCount = 300

    private func filled() async throws -> (StoreFixture.OpenStore, [DocumentWrite]) {
        var random = SeededRandom(seed: 71)
        let open = try await StoreFixture.open()
        let documents = (0..<Self.documentCount).map {
            StoreFixture.document("d\($0)", using: &random)
        }
        _ = try await open.collection.upsert(documents)
        return (open, documents)
    }

    private func waitUntil(_ condition: () -> Bool) async throws {
        for _ in 0..<1_200 {
            if condition() { return }
            try await Task.sleep(for: .milliseconds(25))
        }
        Issue.record("nothing after half a minute")
    }

    private func answers(_ collection: Collection) throws -> [[ChunkKey]] {
        var random = SeededRandom(seed: 72)
        return try (0..<20).map { _ in
            let query = random.unitVector(dimension: StoreFixture.dimension)
            return try collection.searchDense(query, count: 10, expansion: 200).map(\.key)
        }
    }

    @Test(
        "other parameters take over, answers stay, and a start finds them",
        arguments: [
            try HNSWParameters(connectivity: 6, efConstruction: 50),
            try HNSWParameters(quantization: .none),
            try HNSWParameters(vectors: .disk),
        ]
    )
    func parameters(_ parameters: HNSWParameters) async throws {
        let (open, _) = try await filled()
        let before = try answers(open.collection)
        try await open.collection.reindex(parameters)
        try await waitUntil { open.collection.configuration.index == parameters }
        #expect(open.collection.configuration.pendingIndex == nil)
        #expect(open.collection.reindexProgress == nil)
        #expect(try answers(open.collection) == before)
        #expect(try open.store.verify() == [])
        await open.store.close()

        let store = try VectorStore.open(directory: open.directory.path)
        let again = try store.collection(named: "notes")
        #expect(again.configuration.index == parameters && again.damage.isEmpty)
        #expect(try answers(again) == before)
        await store.close()
    }

    @Test("writes meanwhile are in the new index", arguments: 1...4 as ClosedRange<UInt64>)
    func writes(seed: UInt64) async throws {
        let (open, _) = try await filled()
        var random = SeededRandom(seed: seed)
        let parameters = try HNSWParameters(connectivity: 8, vectors: .disk)
        try await open.collection.reindex(parameters)
        var live = Set((0..<Self.documentCount).map { "d\($0)" })
        for round in 0..<40 {
            if Bool.random(using: &random), let victim = live.randomElement(using: &random) {
                #expect(try await open.collection.delete(ids: [victim]) == 1)
                live.remove(victim)
            } else {
                let id = "new\(round % 10)"
                _ = try await open.collection.upsert([StoreFixture.document(id, using: &random)])
                live.insert(id)
            }
        }
        try await waitUntil { open.collection.configuration.index == parameters }
        #expect(try open.collection.statistics().documentCount == live.count)
        #expect(try open.store.verify() == [])
        let all = try open.collection.searchDense(
            random.unitVector(dimension: StoreFixture.dimension),
            count: 10_000
        )
        #expect(all.count == open.collection.indexSize.chunkCount)
        await open.store.close()
    }

    @Test("what was asked for before a stop goes on after a start")
    func resumed() async throws {
        let (open, _) = try await filled()
        let parameters = try HNSWParameters(connectivity: 5)
        try await open.collection.reindex(parameters)
        await open.store.close()
        let store = try VectorStore.open(directory: open.directory.path)
        let collection = try store.collection(named: "notes")
        try await waitUntil { collection.configuration.index == parameters }
        #expect(try store.verify() == [])
        await store.close()
    }

    @Test("asking for what there is calls it off; the last of several wins")
    func calledOff() async throws {
        let (open, _) = try await filled()
        let standard = HNSWParameters.standard
        try await open.collection.reindex(try HNSWParameters(connectivity: 5))
        try await open.collection.reindex(standard)
        // Off, or back when the first was quicker.
        try await waitUntil { open.collection.configuration.pendingIndex == nil }
        #expect(open.collection.configuration.index == standard)
        for connectivity in 3...7 {
            try await open.collection.reindex(try HNSWParameters(connectivity: connectivity))
        }
        try await waitUntil { open.collection.configuration.pendingIndex == nil }
        #expect(open.collection.configuration.index.connectivity == 7)
        #expect(try open.store.verify() == [])
        await open.store.close()
    }

    @Test("an index that is mostly empty is made anew, and gives its memory back")
    func compaction() async throws {
        var random = SeededRandom(seed: 73)
        let open = try await StoreFixture.open(
            StoreFixture.configuration(lateInteraction: .none)
        )
        let chunkCount = 12_000
        for start in stride(from: 0, to: chunkCount / 4, by: 500) {
            _ = try await open.collection.upsert(
                (start..<start + 500).map { place in
                    var document = StoreFixture.document("d\(place)", using: &random)
                    for chunk in document.chunks?.indices ?? 0..<0 {
                        document.chunks?[chunk].tokenCodes = []
                    }
                    return document
                }
            )
        }
        let before = open.collection.memoryByteCount
        let gone = (0..<chunkCount / 4).filter { $0 % 20 != 0 }.map { "d\($0)" }
        #expect(try await open.collection.delete(ids: gone) == gone.count)
        try await waitUntil { open.collection.indexSize.byteCount < before / 5 }
        let left = try open.collection.statistics().chunkCount
        #expect(open.collection.indexSize.chunkCount == left && left > 0)
        #expect(try open.store.verify() == [])
        await open.store.close()
    }

    @Test("without memory for a second index it is refused, and the present one goes on")
    func withoutMemory() async throws {
        var random = SeededRandom(seed: 74)
        var options = StoreOptions()
        options.readerCount = 2
        options.cacheByteCount = 1 << 20
        options.memoryByteCountMax = 3 << 20 + 512 << 10
        let open = try await StoreFixture.open(options: options)
        let documents = (0..<200).map { StoreFixture.document("d\($0)", using: &random) }
        _ = try await open.collection.upsert(documents)
        let error = await #expect(throws: VectorStoreError.self) {
            try await open.collection.reindex(try HNSWParameters(connectivity: 128))
        }
        #expect(error?.code == .memoryExceeded)
        #expect(open.collection.configuration.pendingIndex == nil)
        #expect(try open.store.verify() == [])
        await open.store.close()
    }
}
