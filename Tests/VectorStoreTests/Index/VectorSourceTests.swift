import Synchronization
import TestSupport
import Testing
import VectorStore

/// An index that has codes, over vectors that something else has.
@Suite("Index over a source of vectors")
struct VectorSourceTests {
    /// Vectors by key, some of which are damaged, or all out of reach.
    private final class Shelf: VectorSource {
        struct Content {
            var vectors: [ChunkKey: [Float]] = [:]
            var failure: VectorStoreError?
            var readCount = 0
        }
        let content = Mutex(Content())

        func read(
            _ keys: [ChunkKey],
            _ body: (Int, [Float]) -> Void
        ) throws(VectorStoreError) {
            let content = content.withLock { content in
                content.readCount += keys.count
                return content
            }
            if let failure = content.failure { throw failure }
            // In an order of its own.
            for place in keys.indices.reversed() {
                if let vector = content.vectors[keys[place]] { body(place, vector) }
            }
        }
    }

    private func indexes(
        _ metric: Metric,
        count: Int
    ) throws -> (memory: HNSWIndex, disk: HNSWIndex, shelf: Shelf, queries: [[Float]]) {
        var fixture = IndexFixture(dimension: 20, metric: metric, seed: 9)
        let vectors = fixture.vectors(count)
        let memory = try fixture.makeIndex(over: vectors)
        let shelf = Shelf()
        shelf.content.withLock { content in
            content.vectors = Dictionary(uniqueKeysWithValues: zip(0..., vectors))
        }
        let disk = HNSWIndex(
            dimension: 20,
            metric: metric,
            parameters: try HNSWParameters(connectivity: 8, efConstruction: 60, vectors: .disk),
            source: shelf
        )
        disk.insert(
            keys: Array(0..<Int64(count)),
            vectors: Array(vectors.joined()),
            threads: 2
        )
        return (memory, disk, shelf, fixture.vectors(30))
    }

    @Test("answers are those of an index that has its vectors", arguments: Metric.allCases)
    func sameAnswers(metric: Metric) throws {
        let (memory, disk, shelf, queries) = try indexes(metric, count: 800)
        try disk.checkInvariants()
        #expect(disk.encodeGraph() == memory.encodeGraph())
        #expect(disk.byteCounts.total < memory.byteCounts.total - 800 * 20 * 4)
        for query in queries {
            #expect(
                try disk.search(query, count: 10, expansion: 50)
                    == memory.search(query, count: 10, expansion: 50)
            )
            #expect(
                try disk.codeSearch(query, count: 10, width: 50)
                    == memory.codeSearch(query, count: 10, width: 50)
            )
            #expect(try disk.exactSearch(query, count: 10) == memory.exactSearch(query, count: 10))
        }
        #expect(try disk.vectors(for: [3, 900, 5]) == memory.vectors(for: [3, 900, 5]))
        // Of each graph search some dozens are read, not the collection.
        let before = shelf.content.withLock { $0.readCount }
        _ = try disk.search(queries[0], count: 10, expansion: 50)
        #expect(shelf.content.withLock { $0.readCount } - before <= 50)
    }

    @Test("a vector that is gone is no hit")
    func goneVectors() throws {
        let (_, disk, shelf, queries) = try indexes(.cosine, count: 400)
        for query in queries {
            let hits = try disk.search(query, count: 10, expansion: 60)
            let nearest = try #require(hits.first?.key)
            let vector = shelf.content.withLock { $0.vectors.removeValue(forKey: nearest) }
            let others = try disk.search(query, count: 10, expansion: 60)
            #expect(others.count == 10 && !others.contains { $0.key == nearest })
            #expect(Array(others.prefix(9)) == Array(hits.dropFirst()))
            shelf.content.withLock { $0.vectors[nearest] = vector }
        }
    }

    @Test("a disk that fails fails the search")
    func failure() throws {
        let (_, disk, shelf, queries) = try indexes(.cosine, count: 100)
        shelf.content.withLock { $0.failure = VectorStoreError(.io, "no such disk") }
        for query in queries.prefix(3) {
            #expect(throws: VectorStoreError.self) {
                try disk.search(query, count: 10, expansion: 20)
            }
            #expect(throws: VectorStoreError.self) { try disk.exactSearch(query, count: 10) }
            #expect(throws: VectorStoreError.self) { try disk.vectors(for: [1]) }
        }
    }

    @Test("vectors on disk without codes are refused")
    func withoutCodes() {
        let error = #expect(throws: VectorStoreError.self) {
            try HNSWParameters(quantization: .none, vectors: .disk)
        }
        #expect(error?.code == .invalidArgument)
    }
}
