import Foundation
import Kernels
import TestSupport
import Testing
import VectorStore

@Suite("HNSW search")
struct HNSWSearchTests {
    @Test("finds every stored vector first", arguments: [1, 2, 17, 1_000], Metric.allCases)
    func findsEveryStoredVector(count: Int, metric: Metric) throws {
        var fixture = IndexFixture(dimension: 24, metric: metric, seed: 1)
        let vectors = fixture.vectors(count).map { vector in
            // Under dot the longest vector wins, not the same one: make all equally long.
            metric == .dot ? vector.map { $0 / VectorMath.norm(vector) } : vector
        }
        let index = try fixture.makeIndex(over: vectors)
        try index.checkInvariants()
        for (key, vector) in vectors.enumerated() {
            let hit = try #require(try index.search(vector, count: 1, expansion: 64).first)
            #expect(hit.key == Int64(key))
            #expect(abs(hit.distance - (metric == .dot ? -1 : 0)) < 1e-5)
        }
    }

    @Test(
        "recall@10 is at least 0.97 at a beam of 64",
        arguments: Metric.allCases,
        HNSWParameters.Quantization.allCases
    )
    func recall(metric: Metric, quantization: HNSWParameters.Quantization) throws {
        var fixture = IndexFixture(dimension: 48, metric: metric, seed: 2)
        let index = try fixture.makeIndex(
            over: fixture.vectors(3_000),
            quantization: quantization,
            threads: 2
        )
        try index.checkInvariants()
        #expect(try index.recall(of: fixture.vectors(100), expansion: 64) >= 0.97)
    }

    @Test(
        "a beam as wide as the index equals the exact scan",
        arguments: Metric.allCases,
        HNSWParameters.Quantization.allCases
    )
    func fullBeamIsExact(metric: Metric, quantization: HNSWParameters.Quantization) throws {
        var fixture = IndexFixture(dimension: 16, metric: metric, seed: 3)
        let index = try fixture.makeIndex(over: fixture.vectors(500), quantization: quantization)
        for query in fixture.vectors(20) {
            let hits = try index.search(query, count: 500, expansion: 500)
            #expect(try hits == index.exactSearch(query, count: 500))
            #expect(hits.count == 500)
        }
    }

    @Test("exact scan returns the definition's order", arguments: Metric.allCases)
    func exactScan(metric: Metric) throws {
        var fixture = IndexFixture(dimension: 9, metric: metric, seed: 4)
        let vectors = fixture.vectors(300)
        let index = try fixture.makeIndex(over: vectors)
        let query = fixture.vector()
        let distances = vectors.map { vector -> Float in
            switch metric {
            case .cosine:
                1 - VectorMath.dot(query, vector)
                    / (VectorMath.norm(query) * VectorMath.norm(vector))
            case .dot: -VectorMath.dot(query, vector)
            case .euclidean: VectorMath.squaredDistance(query, vector)
            }
        }
        let expected = distances.indices.sorted { distances[$0] < distances[$1] }
        let hits = try index.exactSearch(query, count: 25)
        #expect(hits.map(\.key) == expected.prefix(25).map(Int64.init))
        for hit in hits { #expect(abs(hit.distance - distances[Int(hit.key)]) < 1e-5) }
    }

    @Test("exact scan among keys sees these only, and ignores unknown ones")
    func exactScanAmongKeys() throws {
        var fixture = IndexFixture(dimension: 9, metric: .cosine, seed: 5)
        let index = try fixture.makeIndex(over: fixture.vectors(400))
        let query = fixture.vector()
        let keys = stride(from: Int64(0), to: 800, by: 3)
        let hits = try index.exactSearch(
            query,
            count: 1_000,
            among: Selection(ascending: keys.sorted())
        )
        let all = try index.exactSearch(query, count: 400)
        #expect(hits == all.filter { $0.key.isMultiple(of: 3) })
        #expect(try index.exactSearch(query, count: 5, among: Selection(ascending: [])).isEmpty)
    }

    @Test("a filter gives the nearest acceptable keys", arguments: [2, 7, 50, 399, 401])
    func filtered(divisor: Int64) throws {
        var fixture = IndexFixture(dimension: 20, metric: .cosine, seed: 6)
        let index = try fixture.makeIndex(over: fixture.vectors(400))
        var found = 0
        var wanted = 0
        for query in fixture.vectors(20) {
            let hits = try index.search(query, count: 10, expansion: 60) {
                $0 % divisor == 1
            }
            #expect(hits.allSatisfy { $0.key % divisor == 1 })
            let keys = (0..<Int64(400)).filter { $0 % divisor == 1 }
            let truth = try index.exactSearch(
                query,
                count: 10,
                among: Selection(ascending: keys.sorted())
            )
            // However few are acceptable, all are found when fewer than asked for exist.
            #expect(hits.count == truth.count)
            found += Set(hits).intersection(truth).count
            wanted += truth.count
        }
        #expect(Double(found) >= 0.97 * Double(wanted))
    }

    @Test("an empty index and a wish for nothing have no hits")
    func nothing() throws {
        var fixture = IndexFixture(dimension: 4, metric: .cosine, seed: 7)
        let index = try fixture.makeIndex()
        try index.checkInvariants()
        #expect(try index.search([1, 0, 0, 0], count: 3, expansion: 10).isEmpty)
        #expect(try index.exactSearch([1, 0, 0, 0], count: 3).isEmpty)
        index.insert(key: 1, vector: fixture.vector())
        #expect(try index.search([1, 0, 0, 0], count: 0, expansion: 10).isEmpty)
        #expect(try index.exactSearch([1, 0, 0, 0], count: 0).isEmpty)
    }

    @Test("equal vectors are all found")
    func equalVectors() throws {
        let fixture = IndexFixture(dimension: 8, metric: .cosine, seed: 8)
        let vectors = [[Float]](repeating: [1, 2, 3, 4, 5, 6, 7, 8], count: 300)
        let index = try fixture.makeIndex(over: vectors)
        try index.checkInvariants()
        let hits = try index.search(vectors[0], count: 300, expansion: 300)
        #expect(Set(hits.map(\.key)).count == 300)
    }

    @Test("vectors that overflow or have no direction do no harm", arguments: Metric.allCases)
    func degenerateVectors(metric: Metric) throws {
        var fixture = IndexFixture(dimension: 8, metric: metric, seed: 9)
        var vectors = fixture.vectors(100)
        for place in stride(from: 0, to: 100, by: 5) {
            let value: Float = [0, 3e38, -3e38, .leastNonzeroMagnitude][place / 5 % 4]
            vectors[place] = (0..<8).map { $0.isMultiple(of: 2) ? value : -value }
        }
        let index = try fixture.makeIndex(over: vectors)
        try index.checkInvariants()
        for query in vectors {
            #expect(try index.search(query, count: 100, expansion: 100).count == 100)
        }
    }

    @Test("one thread with the same seed makes the same graph")
    func deterministic() throws {
        var fixture = IndexFixture(dimension: 16, metric: .cosine, seed: 10)
        let vectors = fixture.vectors(300)
        let graphs = try (0..<2).map { _ in try fixture.makeIndex(over: vectors).encodeGraph() }
        #expect(graphs[0] == graphs[1])
    }

    @Test("any number of threads makes the same graph", arguments: [2, 3, 8])
    func threadsChangeNothing(threads: Int) throws {
        var fixture = IndexFixture(dimension: 16, metric: .euclidean, seed: 11)
        let vectors = fixture.vectors(1_500)
        let one = try fixture.makeIndex(over: vectors)
        let several = try fixture.makeIndex(over: vectors, threads: threads)
        #expect(one.encodeGraph() == several.encodeGraph())
    }

    @Test("one by one or in bulk, recall is the same", arguments: [1, 10, 400, 2_000])
    func bulkIsAsGood(countAtOnce: Int) throws {
        var fixture = IndexFixture(dimension: 32, metric: .cosine, seed: 14)
        let vectors = fixture.vectors(2_000)
        let index = try fixture.makeIndex()
        for start in stride(from: 0, to: vectors.count, by: countAtOnce) {
            index.insert(
                keys: (start..<start + countAtOnce).map(Int64.init),
                vectors: Array(vectors[start..<start + countAtOnce].joined()),
                threads: 2
            )
        }
        try index.checkInvariants()
        #expect(try index.recall(of: fixture.vectors(100), expansion: 64) >= 0.98)
    }

    /// Without codes, what is tested is that those of one call are linked to each other.
    ///
    /// With codes, their differences are as small as the codes' errors, and a beam that holds them all has
    /// to make up for it.
    @Test(
        "vectors that are nearest to each other find each other when they come together",
        arguments: [(HNSWParameters.Quantization.none, 64), (.int8, 200)]
    )
    func alikeInOneCall(quantization: HNSWParameters.Quantization, beam: Int) throws {
        var fixture = IndexFixture(dimension: 24, metric: .cosine, seed: 15)
        let index = try fixture.makeIndex(
            over: fixture.vectors(1_000),
            quantization: quantization
        )
        let center = fixture.vector()
        let alike = fixture.vectors(100).map { zip(center, $0).map { 5 * $0 + 0.2 * $1 } }
        index.insert(keys: Array(5_000..<5_100), vectors: Array(alike.joined()), threads: 2)
        try index.checkInvariants()
        #expect(try index.recall(of: alike, expansion: beam) >= 0.98)
    }

    @Test("a beam finds in codes what it finds in vectors, at distances to the bit")
    func codesAgainstVectors() throws {
        var fixture = IndexFixture(dimension: 100, metric: .cosine, seed: 16)
        let vectors = fixture.vectors(1_000)
        let coded = try fixture.makeIndex(over: vectors)
        let plain = try fixture.makeIndex(over: vectors, quantization: .none)
        #expect(coded.byteCounts.total > plain.byteCounts.total)
        var agreed = 0
        for query in fixture.vectors(50) {
            let exact = Dictionary(
                uniqueKeysWithValues: try plain.exactSearch(query, count: 1_000)
                    .map { ($0.key, $0.distance) }
            )
            let hits = try coded.search(query, count: 10, expansion: 100)
            #expect(hits.allSatisfy { exact[$0.key] == $0.distance })
            #expect(hits.map(\.distance) == hits.map(\.distance).sorted())
            let others = try plain.search(query, count: 10, expansion: 100)
            agreed += Set(hits).intersection(others).count
        }
        #expect(agreed >= 490)
    }

    @Test("a graph made from codes serves an index without, and the other way round")
    func quantizationChanges() throws {
        var fixture = IndexFixture(dimension: 20, metric: .cosine, seed: 17)
        let vectors = fixture.vectors(800)
        for (from, to) in [
            (HNSWParameters.Quantization.int8, HNSWParameters.Quantization.none), (.none, .int8),
        ] {
            let image = try fixture.makeIndex(over: vectors, quantization: from).encodeGraph()
            let index = try HNSWIndex.decodeGraph(
                image,
                dimension: 20,
                metric: .cosine,
                parameters: HNSWParameters(connectivity: 8, quantization: to)
            ) { take in
                for (key, vector) in vectors.enumerated() { take(Int64(key), vector) }
            }
            try index.checkInvariants()
            #expect(try index.recall(of: fixture.vectors(50), expansion: 64) >= 0.98)
        }
    }

    @Test("stored vectors come back, at unit length under cosine", arguments: Metric.allCases)
    func storedVectors(metric: Metric) throws {
        var fixture = IndexFixture(dimension: 30, metric: metric, seed: 12)
        let vectors = fixture.vectors(50)
        let index = try fixture.makeIndex(over: vectors)
        for (key, vector) in vectors.enumerated() {
            let stored = try #require(try index.vector(for: Int64(key)))
            let length = metric == .cosine ? VectorMath.norm(vector) : 1
            #expect(zip(stored, vector).allSatisfy { abs($0 - $1 / length) < 1e-6 })
        }
        #expect(try index.vector(for: 50) == nil)
        #expect(index.count == 50)
        #expect(index.byteCounts.total > 50 * 30 * 4)
    }

    @Test("refuses vectors of another dimension and non-finite ones")
    func validation() throws {
        let index = try IndexFixture(dimension: 3, metric: .cosine, seed: 13).makeIndex()
        try index.validate([1, 2, 3])
        let mismatch = #expect(throws: VectorStoreError.self) { try index.validate([1, 2]) }
        #expect(mismatch?.code == .dimensionMismatch)
        let nonFinite = #expect(throws: VectorStoreError.self) {
            try index.validate([1, .nan, 3])
        }
        #expect(nonFinite?.code == .notFinite)
    }

    @Test("scores are the customary ones")
    func scores() {
        #expect(Metric.cosine.score(ofDistance: 0.25) == 0.75)
        #expect(Metric.dot.score(ofDistance: -3) == 3)
        #expect(Metric.euclidean.score(ofDistance: 16) == -4)
    }
}
