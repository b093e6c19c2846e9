import TestSupport
import Testing
import VectorStore

@Suite("Graph image")
struct GraphImageTests {
    private static let fixture = IndexFixture(dimension: 12, metric: .cosine, seed: 31)

    private func decode(
        _ bytes: [UInt8],
        dimension: Int = 12,
        metric: Metric = .cosine,
        connectivity: Int = 8,
        vectors: [ChunkKey: [Float]]
    ) throws -> (index: HNSWIndex, unknown: Set<ChunkKey>) {
        var unknown: Set<ChunkKey> = []
        let index = try HNSWIndex.decodeGraph(
            bytes,
            dimension: dimension,
            metric: metric,
            parameters: HNSWParameters(connectivity: connectivity, efConstruction: 60)
        ) { take in
            for (key, vector) in vectors where !take(key, vector) {
                unknown.insert(key)
            }
        }
        return (index, unknown)
    }

    private func keyed(_ vectors: [[Float]]) -> [ChunkKey: [Float]] {
        Dictionary(uniqueKeysWithValues: zip(0..., vectors))
    }

    @Test("a decoded graph searches like the one it came from", arguments: [0, 1, 2, 40, 900])
    func roundTrip(count: Int) throws {
        var fixture = Self.fixture
        let vectors = fixture.vectors(count)
        let index = try fixture.makeIndex(over: vectors)
        let image = index.encodeGraph()
        let (copy, unknown) = try decode(image, vectors: keyed(vectors))
        try copy.checkInvariants()
        #expect(unknown.isEmpty && copy.count == count && copy.encodeGraph() == image)
        for query in fixture.vectors(20) {
            let hits = copy.search(query, count: 10, expansion: 40)
            #expect(hits == index.search(query, count: 10, expansion: 40))
        }
    }

    @Test("nodes without a vector are taken out, unknown keys reported, and inserts go on")
    func olderThanVectors() throws {
        var fixture = Self.fixture
        let vectors = fixture.vectors(600)
        let index = try fixture.makeIndex(over: Array(vectors.prefix(500)))
        for key in 0..<Int64(30) { index.remove(key: key) }
        let present = keyed(vectors).filter { $0.key >= 100 }
        let (copy, unknown) = try decode(index.encodeGraph(), vectors: present)
        #expect(unknown == Set(500..<600))
        try copy.checkInvariants()
        for key in unknown.sorted() { copy.insert(key: key, vector: vectors[Int(key)]) }
        try copy.checkInvariants()
        #expect(copy.count == 500 && copy.tombstoneCount == 0)
        #expect(copy.recall(of: fixture.vectors(50), expansion: 100) >= 0.97)
    }

    @Test("a vector supplied for a tombstone is not taken")
    func tombstonesStayDead() throws {
        var fixture = Self.fixture
        let vectors = fixture.vectors(60)
        let index = try fixture.makeIndex(over: vectors)
        for key in 0..<Int64(10) { index.remove(key: key) }
        let (copy, unknown) = try decode(index.encodeGraph(), vectors: keyed(vectors))
        #expect(unknown == Set(0..<10) && copy.count == 50)
        try copy.checkInvariants()
    }

    @Test("no vectors at all leave an empty index")
    func noVectors() throws {
        var fixture = Self.fixture
        let image = try fixture.makeIndex(over: fixture.vectors(50)).encodeGraph()
        let (copy, _) = try decode(image, vectors: [:])
        try copy.checkInvariants()
        copy.insert(key: 1, vector: fixture.vector())
        #expect(copy.search(fixture.vector(), count: 3, expansion: 10).count == 1)
    }

    @Test("a graph of another shape is a conflict")
    func otherShape() throws {
        var fixture = Self.fixture
        let image = try fixture.makeIndex(over: fixture.vectors(10)).encodeGraph()
        for (dimension, metric, connectivity) in [
            (13, Metric.cosine, 8), (12, .dot, 8), (12, .cosine, 9),
        ] {
            let error = #expect(throws: VectorStoreError.self) {
                try decode(
                    image,
                    dimension: dimension,
                    metric: metric,
                    connectivity: connectivity,
                    vectors: [:]
                )
            }
            #expect(error?.code == .conflict)
        }
    }

    @Test("every truncation is refused as corrupted")
    func truncations() throws {
        var fixture = Self.fixture
        let image = try fixture.makeIndex(over: fixture.vectors(30)).encodeGraph()
        for count in 0..<image.count {
            let error = #expect(throws: VectorStoreError.self) {
                try decode(Array(image.prefix(count)), vectors: [:])
            }
            #expect(error?.code == .corrupted)
        }
        #expect(throws: VectorStoreError.self) { try decode(image + [0], vectors: [:]) }
    }

    @Test(
        "flipped bytes are refused or make a sound index",
        arguments: 1...4 as ClosedRange<UInt64>
    )
    func flips(seed: UInt64) throws {
        var fixture = Self.fixture
        var random = SeededRandom(seed: seed)
        let vectors = fixture.vectors(60)
        let index = try fixture.makeIndex(over: vectors)
        for key in 0..<Int64(5) { index.remove(key: key) }
        let image = index.encodeGraph()
        for _ in 0..<2_000 {
            var damaged = image
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: damaged.indices, using: &random)
                damaged[place] = UInt8.random(in: 0...255, using: &random)
            }
            guard let (copy, _) = try? decode(damaged, vectors: keyed(vectors)) else { continue }
            try copy.checkInvariants()
            let hits = copy.search(vectors[0], count: 100, expansion: 100)
            #expect(hits.count == copy.count, "seed \(seed)")
        }
    }

    @Test("random bytes and absurd counts are refused without being allocated")
    func garbage() throws {
        var random = SeededRandom(seed: 5)
        for count in [0, 7, 8, 32, 500] {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(throws: VectorStoreError.self) { try decode(bytes, vectors: [:]) }
        }
        var fixture = Self.fixture
        var image = try fixture.makeIndex(over: fixture.vectors(3)).encodeGraph()
        for place in 24..<28 { image[place] = 0xFF }
        #expect(throws: VectorStoreError.self) { try decode(image, vectors: [:]) }
    }
}
