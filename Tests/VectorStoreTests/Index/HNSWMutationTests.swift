import Kernels
import Synchronization
import TestSupport
import Testing
import VectorStore

@Suite("HNSW mutation")
struct HNSWMutationTests {
    /// What a test believes the index holds.
    private struct Journal {
        var vectors: [ChunkKey: [Float]] = [:]
        var nextKey: ChunkKey = 0
    }

    @Test(
        "after any inserts, removals and consolidations every live key is found",
        arguments: 1...8 as ClosedRange<UInt64>,
        [2, 5, 16]
    )
    func randomOperations(seed: UInt64, connectivity: Int) throws {
        var random = SeededRandom(seed: seed)
        var fixture = IndexFixture(dimension: 12, metric: .cosine, seed: seed)
        let index = try fixture.makeIndex(connectivity: connectivity, efConstruction: 20)
        var journal = Journal()
        for _ in 0..<30 {
            step(index, &journal, &fixture, &random)
            try index.checkInvariants()
            #expect(index.count == journal.vectors.count)
            let hits = try index.search(fixture.vector(), count: 10_000, expansion: 10_000)
            #expect(Set(hits.map(\.key)) == Set(journal.vectors.keys), "seed \(seed)")
        }
    }

    private func step(
        _ index: HNSWIndex,
        _ journal: inout Journal,
        _ fixture: inout IndexFixture,
        _ random: inout SeededRandom
    ) {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4:
            let keys = (0..<Int64.random(in: 1...60, using: &random)).map { journal.nextKey + $0 }
            let vectors = fixture.vectors(keys.count)
            index.insert(
                keys: keys,
                vectors: Array(vectors.joined()),
                threads: Int.random(in: 1...3, using: &random)
            )
            journal.nextKey += Int64(keys.count)
            journal.vectors.merge(zip(keys, vectors)) { $1 }
        case 4..<8:
            let share = Double.random(in: 0...0.6, using: &random)
            for key in journal.vectors.keys.sorted()
            where Double.random(in: 0..<1, using: &random) < share {
                #expect(index.remove(key: key))
                journal.vectors[key] = nil
            }
        case 8:
            index.consolidate()
            #expect(index.tombstoneCount == 0)
        default:
            #expect(!index.remove(key: journal.nextKey))
        }
    }

    @Test("recall holds after half of the vectors were replaced")
    func recallAfterReplacement() throws {
        var fixture = IndexFixture(dimension: 32, metric: .cosine, seed: 21)
        let index = try fixture.makeIndex(over: fixture.vectors(2_000))
        for key in 0..<Int64(1_000) {
            index.remove(key: key)
            index.insert(key: 2_000 + key, vector: fixture.vector())
        }
        try index.checkInvariants()
        #expect(index.count == 2_000)
        let queries = fixture.vectors(100)
        #expect(try index.recall(of: queries, expansion: 64) >= 0.97, "with tombstones")
        index.consolidate()
        try index.checkInvariants()
        #expect(try index.recall(of: queries, expansion: 64) >= 0.97, "without")
    }

    @Test("a sweep in steps keeps every live key reachable at each of them", arguments: [1, 2])
    func steps(threads: Int) throws {
        var random = SeededRandom(seed: 24)
        var fixture = IndexFixture(dimension: 12, metric: .cosine, seed: 24)
        let index = try fixture.makeIndex(over: fixture.vectors(4_000), threads: 2)
        var live = Set<ChunkKey>(0..<4_000)
        var nextKey: ChunkKey = 4_000
        var tombstonesMax = 0
        for step in 0..<60 {
            let removed = live.shuffled(using: &random).prefix(80)
            #expect(index.remove(keys: Array(removed), threads: threads) == 80)
            live.subtract(removed)
            tombstonesMax = max(tombstonesMax, index.tombstoneCount)
            if step.isMultiple(of: 2) {
                let keys = (0..<100).map { nextKey + $0 }
                index.insert(
                    keys: keys,
                    vectors: Array(fixture.vectors(100).joined()),
                    threads: threads
                )
                live.formUnion(keys)
                nextKey += 100
            }
            try index.checkInvariants()
            guard step.isMultiple(of: 10) else { continue }
            let hits = try index.search(fixture.vector(), count: 8_000, expansion: 8_000)
            #expect(Set(hits.map(\.key)) == live)
        }
        // An eighth, what comes during a sweep, and a batch.
        #expect(tombstonesMax < 4_000 / 8 + 4_000 / 16 + 2 * 80)
        index.consolidate(threads: threads)
        try index.checkInvariants()
        #expect(index.tombstoneCount == 0 && index.count == live.count)
    }

    @Test("stored vectors find themselves, before and after removals", arguments: Metric.allCases)
    func selfRecall(metric: Metric) throws {
        var fixture = IndexFixture(dimension: 16, metric: metric, seed: 27)
        let index = try fixture.makeIndex()
        #expect(try index.selfRecall(sampleCount: 64, expansion: 64) == nil)
        index.insert(
            keys: Array(0..<1_500),
            vectors: Array(fixture.vectors(1_500).joined()),
            threads: 1
        )
        #expect(try #require(try index.selfRecall(sampleCount: 64, expansion: 64)) >= 0.98)
        index.remove(keys: Array(0..<700), threads: 1)
        #expect(try #require(try index.selfRecall(sampleCount: 200, expansion: 64)) >= 0.98)
        index.stage(keys: [5_000], vectors: fixture.vector())
        #expect(try index.selfRecall(sampleCount: 64, expansion: 64) == nil)
    }

    @Test("threads change nothing in what sweeps make")
    func sweepsByThreads() throws {
        let images = try [1, 3].map { threads in
            var fixture = IndexFixture(dimension: 12, metric: .cosine, seed: 25)
            let index = try fixture.makeIndex(over: fixture.vectors(3_000), threads: threads)
            for start in stride(from: Int64(0), to: 2_000, by: 100) {
                index.remove(keys: Array(start..<start + 100), threads: threads)
            }
            return index.encodeGraph()
        }
        #expect(images[0] == images[1])
    }

    @Test("recall stays near a new graph's when each vector is replaced by one near it")
    func churn() throws {
        var random = SeededRandom(seed: 26)
        var fixture = IndexFixture(dimension: 24, metric: .cosine, seed: 26)
        let first = fixture.vectors(4_000)
        let second = first.map { vector in
            let length = VectorMath.norm(vector)
            return vector.map { $0 + 0.1 * length * random.normal() }
        }
        let index = try fixture.makeIndex(over: first, threads: 2)
        let order = (0..<4_000).shuffled(using: &random)
        for start in stride(from: 0, to: 4_000, by: 200) {
            let places = order[start..<start + 200]
            index.remove(keys: places.map(Int64.init), threads: 2)
            index.insert(
                keys: places.map { Int64($0 + 4_000) },
                vectors: places.flatMap { second[$0] },
                threads: 2
            )
        }
        index.consolidate(threads: 2)
        try index.checkInvariants()
        let fresh = try fixture.makeIndex(over: second, threads: 2)
        let queries = fixture.vectors(200)
        let difference =
            try index.recall(of: queries, expansion: 64)
            - fresh.recall(of: queries, expansion: 64)
        #expect(difference > -0.01, "\(difference)")
    }

    @Test("an index that was emptied can be filled again")
    func emptied() throws {
        var fixture = IndexFixture(dimension: 8, metric: .euclidean, seed: 22)
        let index = try fixture.makeIndex(over: fixture.vectors(200))
        for key in 0..<Int64(200) { #expect(index.remove(key: key)) }
        #expect(try index.search(fixture.vector(), count: 5, expansion: 50).isEmpty)
        index.consolidate()
        try index.checkInvariants()
        #expect(index.count == 0 && index.tombstoneCount == 0)
        let byteCount = index.byteCounts.total
        let vectors = fixture.vectors(200)
        index.insert(
            keys: Array(1_000..<1_200),
            vectors: Array(vectors.joined()),
            threads: 2
        )
        try index.checkInvariants()
        #expect(index.byteCounts.total == byteCount, "freed slots are used again")
        #expect(try index.recall(of: fixture.vectors(20), expansion: 200) == 1)
    }

    @Test("a removed key is gone at once")
    func removedIsGone() throws {
        var fixture = IndexFixture(dimension: 8, metric: .cosine, seed: 23)
        let vectors = fixture.vectors(50)
        let index = try fixture.makeIndex(over: vectors)
        #expect(index.remove(key: 7))
        #expect(!index.remove(key: 7))
        #expect(try index.vector(for: 7) == nil)
        #expect(index.tombstoneCount == 1)
        let hits = try index.search(vectors[7], count: 50, expansion: 50)
        #expect(hits.count == 49 && !hits.contains { $0.key == 7 })
        #expect(try !index.exactSearch(vectors[7], count: 50).contains { $0.key == 7 })
    }

    /// What the threads of a test share.
    private final class Progress: Sendable {
        let isDone = Atomic(false)
        let problems = Mutex<[String]>([])
    }

    /// Two columns: one writer inserts, removes and consolidates; readers search all the while.
    ///
    ///     writer                                    readers
    ///     insert a key, remove an older one         every hit is a key that has existed, and
    ///     consolidate, free the slots               its distance is the one of the key's vector
    ///     insert new keys into these slots          (no slot is reused under a search)
    @Test("searches beside a writer return only true neighbours", arguments: [1, 2])
    func readersBesideWriter(seed: UInt64) async throws {
        var fixture = IndexFixture(dimension: 16, metric: .euclidean, seed: seed)
        let vectors = fixture.vectors(4_000)
        let queries = fixture.vectors(50)
        let index = try fixture.makeIndex(over: Array(vectors.prefix(500)))
        let progress = Progress()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for key in 500..<vectors.count {
                    index.insert(key: Int64(key), vector: vectors[key])
                    index.remove(key: Int64(key - 400))
                }
                progress.isDone.store(true, ordering: .releasing)
            }
            for _ in 0..<2 {
                group.addTask {
                    while !progress.isDone.load(ordering: .acquiring) {
                        for query in queries {
                            let problems = Self.wrongHits(index, query, vectors)
                            progress.problems.withLock { $0 += problems }
                        }
                    }
                }
            }
        }
        #expect(progress.problems.withLock { $0 } == [])
        try index.checkInvariants()
        #expect(try index.recall(of: queries, expansion: 100) >= 0.97)
    }

    private static func wrongHits(
        _ index: HNSWIndex,
        _ query: [Float],
        _ vectors: [[Float]]
    ) -> [String] {
        guard let hits = try? index.search(query, count: 10, expansion: 40) else {
            return ["a search failed"]
        }
        return hits.compactMap { hit in
            let distance = VectorMath.squaredDistance(query, vectors[Int(hit.key)])
            let isRight = abs(distance - hit.distance) <= 1e-3 * (1 + distance)
            return isRight ? nil : "\(hit) is not at \(distance)"
        }
    }
}
