import Kernels
import TestSupport
import Testing
import VectorStore

/// Vectors that are stored before they are linked.
@Suite("Staging")
struct StagingTests {
    @Test("what was staged and linked is what an insert makes", arguments: [1, 2])
    func sameGraph(threads: Int) throws {
        var fixture = IndexFixture(dimension: 16, metric: .cosine, seed: 3)
        let vectors = fixture.vectors(700)
        let inserted = try fixture.makeIndex(over: vectors)
        let staged = try fixture.makeIndex()
        for (key, vector) in vectors.enumerated() {
            staged.stage(keys: [Int64(key)], vectors: vector)
        }
        #expect(!staged.isComplete && staged.count == 700)
        while staged.linkStaged(threads: threads) { #expect(!staged.isComplete) }
        #expect(staged.isComplete)
        try staged.checkInvariants()
        #expect(staged.encodeGraph() == inserted.encodeGraph())
    }

    @Test("scans find what is staged, and the image leaves it out", arguments: Metric.allCases)
    func scans(metric: Metric) throws {
        var fixture = IndexFixture(dimension: 16, metric: metric, seed: 4)
        let vectors = fixture.vectors(500)
        let linked = try fixture.makeIndex(over: Array(vectors.prefix(300)))
        let image = linked.encodeGraph()
        linked.stage(keys: Array(300..<500), vectors: Array(vectors[300...].joined()))
        let whole = try fixture.makeIndex(over: vectors)
        for query in fixture.vectors(20) {
            let truth = try whole.exactSearch(query, count: 10)
            #expect(try linked.exactSearch(query, count: 10) == truth)
            #expect(try linked.codeSearch(query, count: 10, width: 64) == truth)
            #expect(try whole.codeSearch(query, count: 10, width: 64) == truth)
            let some = Selection(ascending: stride(from: ChunkKey(0), to: 520, by: 3))
            #expect(
                try linked.codeSearch(query, count: 10, width: 64, among: some)
                    == whole.exactSearch(query, count: 10, among: some)
            )
        }
        #expect(linked.encodeGraph() == image)
    }

    @Test(
        "removals, inserts and links in any order lose nothing",
        arguments: 1...6 as ClosedRange<UInt64>
    )
    func anyOrder(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var fixture = IndexFixture(dimension: 12, metric: .cosine, seed: seed)
        let index = try fixture.makeIndex(connectivity: 4, efConstruction: 20)
        var live: [ChunkKey: [Float]] = [:]
        var nextKey: ChunkKey = 0
        for _ in 0..<80 {
            let count = Int.random(in: 1...40, using: &random)
            let vectors = fixture.vectors(count)
            let keys = (0..<Int64(count)).map { nextKey + $0 }
            switch Int.random(in: 0..<6, using: &random) {
            case 0...1:
                index.stage(keys: keys, vectors: Array(vectors.joined()))
                live.merge(zip(keys, vectors)) { $1 }
                nextKey += Int64(count)
            case 2:
                index.insert(keys: keys, vectors: Array(vectors.joined()), threads: 2)
                live.merge(zip(keys, vectors)) { $1 }
                nextKey += Int64(count)
            case 3:
                _ = index.linkStaged(threads: 2)
            default:
                for key in live.keys.shuffled(using: &random).prefix(count) {
                    #expect(index.remove(key: key))
                    live[key] = nil
                }
            }
            try index.checkInvariants()
            #expect(index.count == live.count)
            let found = try index.codeSearch(fixture.vector(), count: 4_000, width: 4_000)
            #expect(Set(found.map(\.key)) == Set(live.keys), "seed \(seed)")
        }
        while index.linkStaged(threads: 1) {}
        try index.checkInvariants()
        let found = try index.search(fixture.vector(), count: 4_000, expansion: 4_000)
        #expect(Set(found.map(\.key)) == Set(live.keys), "seed \(seed)")
    }
}
