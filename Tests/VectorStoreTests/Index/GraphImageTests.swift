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
    ) throws -> HNSWIndex {
        try HNSWIndex.decodeGraph(
            bytes,
            dimension: dimension,
            metric: metric,
            parameters: HNSWParameters(connectivity: connectivity, efConstruction: 60)
        ) { take in
            for (key, vector) in vectors { take(key, vector) }
        }
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
        let copy = try decode(image, vectors: keyed(vectors))
        try copy.checkInvariants()
        #expect(copy.isComplete && copy.count == count && copy.encodeGraph() == image)
        for query in fixture.vectors(20) {
            let hits = try copy.search(query, count: 10, expansion: 40)
            #expect(try hits == index.search(query, count: 10, expansion: 40))
        }
    }

    @Test("nodes without a vector are taken out, unknown keys staged and linked")
    func olderThanVectors() throws {
        var fixture = Self.fixture
        let vectors = fixture.vectors(600)
        let index = try fixture.makeIndex(over: Array(vectors.prefix(500)))
        for key in 0..<Int64(30) { index.remove(key: key) }
        let present = keyed(vectors).filter { $0.key >= 100 }
        let copy = try decode(index.encodeGraph(), vectors: present)
        #expect(!copy.isComplete && copy.count == present.count)
        try copy.checkInvariants()
        while copy.linkStaged(threads: 1) {}
        try copy.checkInvariants()
        #expect(copy.count == 500 && copy.tombstoneCount == 0)
        #expect(try copy.recall(of: fixture.vectors(50), expansion: 100) >= 0.97)
    }

    @Test("a vector supplied for a tombstone is staged: the key came back")
    func tombstonesStayDead() throws {
        var fixture = Self.fixture
        let vectors = fixture.vectors(60)
        let index = try fixture.makeIndex(over: vectors)
        for key in 0..<Int64(10) { index.remove(key: key) }
        let copy = try decode(index.encodeGraph(), vectors: keyed(vectors))
        #expect(copy.stagedKeyCount == 10 && copy.count == 60)
        try copy.checkInvariants()
        while copy.linkStaged(threads: 2) {}
        try copy.checkInvariants()
    }

    @Test("no vectors at all leave an empty index")
    func noVectors() throws {
        var fixture = Self.fixture
        let image = try fixture.makeIndex(over: fixture.vectors(50)).encodeGraph()
        let copy = try decode(image, vectors: [:])
        try copy.checkInvariants()
        copy.insert(key: 1, vector: fixture.vector())
        #expect(try copy.search(fixture.vector(), count: 3, expansion: 10).count == 1)
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
            guard let copy = try? decode(damaged, vectors: keyed(vectors)) else { continue }
            while copy.linkStaged(threads: 1) {}
            try copy.checkInvariants()
            let hits = try copy.search(vectors[0], count: 100, expansion: 100)
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
