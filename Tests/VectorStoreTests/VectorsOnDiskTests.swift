import Foundation
import GRDB
import TestSupport
import Testing
import VectorStore

/// A collection whose vectors stay in the database.
@Suite("Vectors on disk")
struct VectorsOnDiskTests {
    private func configuration(
        _ place: HNSWParameters.VectorPlace
    ) throws -> CollectionConfiguration {
        var configuration = StoreFixture.configuration(place.rawValue)
        configuration.index = try HNSWParameters(vectors: place)
        return configuration
    }

    @Test("answers as one in memory does, through writes, removals and a restart")
    func sameAnswers() async throws {
        var random = SeededRandom(seed: 6)
        let open = try await StoreFixture.open(try configuration(.memory))
        let (disk, _) = try await open.store.createCollection(try configuration(.disk))
        let documents = (0..<150).map { StoreFixture.document("d\($0)", using: &random) }
        for collection in [open.collection, disk] {
            _ = try await collection.upsert(documents)
            _ = try await collection.delete(ids: (0..<20).map { "d\($0 * 3)" })
        }
        let queries = (0..<20).map { _ in random.unitVector(dimension: StoreFixture.dimension) }
        try compare(open.collection, disk, queries)
        #expect(disk.indexSize.byteCount < open.collection.indexSize.byteCount)
        await open.store.close()

        let store = try VectorStore.open(directory: open.directory.path)
        let again = try store.collection(named: "disk")
        #expect(again.configuration.index.vectors == .disk)
        try compare(try store.collection(named: "memory"), again, queries)
        #expect(try store.verify() == [])
        await store.close()
    }

    /// Chunks of two collections that hold the same have different keys in the same order.
    private func compare(
        _ memory: Collection,
        _ disk: Collection,
        _ queries: [[Float]]
    ) throws {
        for query in queries {
            for exact in [false, true] {
                let scores = try [memory, disk].map { collection in
                    try collection.searchDense(query, count: 10, exact: exact).map(\.score)
                }
                #expect(scores[0] == scores[1] && scores[0].count == 10)
            }
        }
    }

    @Test("a vector that is damaged while it serves is noted, and no hit")
    func damage() async throws {
        var random = SeededRandom(seed: 7)
        let open = try await StoreFixture.open(try configuration(.disk))
        let documents = (0..<40).map { StoreFixture.document("d\($0)", using: &random) }
        _ = try await open.collection.upsert(documents)
        let query = try #require(documents[7].chunks?.first?.vector)
        let hit = try #require(try open.collection.searchDense(query, count: 1).first)
        // A second connection, for a test that knows that nobody else writes now.
        let queue = try DatabaseQueue(path: open.directory.path + "/ragd.sqlite")
        try await queue.write { db in
            try db.execute(
                sql: "UPDATE vectors SET data = zeroblob(length(data)) WHERE chunk_key = ?",
                arguments: [hit.key]
            )
        }
        try queue.close()
        let hits = try open.collection.searchDense(query, count: 5)
        #expect(hits.count == 5 && !hits.contains { $0.key == hit.key })
        #expect(open.collection.damage == [.vector: 1])
        await open.store.close()
    }

    @Test("collections of the two kinds are not the same configuration")
    func configurationsDiffer() throws {
        var other = try configuration(.disk)
        other.name = "memory"
        let difference = try configuration(.memory).difference(from: other)
        #expect(difference?.contains("disk") == true, "\(difference ?? "none")")
        let json = try JSONEncoder().encode(other)
        #expect(try JSONDecoder().decode(CollectionConfiguration.self, from: json) == other)
    }
}
