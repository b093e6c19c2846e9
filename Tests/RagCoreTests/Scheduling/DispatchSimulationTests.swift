import RagCore
import TestSupport
import Testing

@Suite("Batch dispatcher in virtual time")
struct DispatchSimulationTests {
    private static let bounds = BatchBounds(
        batchTokensMax: 512,
        queryTokensMax: 4_000,
        ingestTokensMax: 20_000
    )

    @Test("loses no text, computes none twice, and lets no thread sleep", arguments: 0..<40)
    func random(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var simulation = DispatchSimulation(
            threads: Int.random(in: 1...5, using: &random),
            bounds: Self.bounds
        )
        let load = Int.random(in: 1...60, using: &random)
        for _ in 0..<2_000 {
            if Int.random(in: 0..<100, using: &random) < load {
                let priority = BatchPriority.allCases.randomElement(using: &random) ?? .query
                let count = Int.random(in: 1...(priority == .query ? 3 : 20), using: &random)
                let tokenCounts = (0..<count).map { _ in Int.random(in: 1...256, using: &random) }
                let lane = Int.random(in: 0..<2, using: &random)
                simulation.enqueue(priority, tokenCounts, lane: lane)
            }
            if Int.random(in: 0..<100, using: &random) < 3 { simulation.cancelOne(using: &random) }
            simulation.step()
        }
        for _ in 0..<100_000 where !simulation.isDone || !simulation.dispatcher.isIdle {
            simulation.step()
        }
        #expect(simulation.findings == [], "seed \(seed)")
        #expect(simulation.isDone && simulation.dispatcher.isIdle, "seed \(seed)")
        #expect(simulation.doneCount == simulation.acceptedCount, "seed \(seed)")
    }

    @Test("ingest has a fifth of every thread under a flood of queries", arguments: [1, 2, 4])
    func flood(threads: Int) {
        var random = SeededRandom(seed: UInt64(threads))
        var simulation = DispatchSimulation(threads: threads, bounds: Self.bounds)
        for _ in 0..<10_000 {
            while simulation.waitingTexts(.ingest) < 20 { simulation.enqueue(.ingest, [200]) }
            while simulation.waitingTexts(.query) < 20 {
                simulation.enqueue(.query, [Int.random(in: 3...100, using: &random)])
            }
            simulation.step()
        }
        for share in simulation.ingestShares { #expect((0.19...0.25).contains(share)) }
        #expect(simulation.findings == [])
    }

    @Test("a query in the midst of ingest waits for one step, and ingest hardly for it")
    func queriesAmongIngest() {
        var random = SeededRandom(seed: 1)
        var simulation = DispatchSimulation(threads: 2, bounds: Self.bounds)
        for tick in 0..<20_000 {
            while simulation.waitingTexts(.ingest) < 20 {
                simulation.enqueue(.ingest, [Int.random(in: 50...256, using: &random)])
            }
            if tick % 200 == 0 { simulation.enqueue(.query, [20]) }
            simulation.step()
        }
        #expect(simulation.queryTicks.count == 100)
        #expect(simulation.queryTicks.allSatisfy { $0 <= 11 })
        #expect(simulation.ingestShares.allSatisfy { $0 > 0.9 })
        #expect(simulation.findings == [])
    }

    @Test("a lone query takes half as long on two threads", arguments: [1, 2])
    func loneQuery(threads: Int) {
        var simulation = DispatchSimulation(threads: threads, bounds: Self.bounds)
        simulation.enqueue(.query, [400])
        while !simulation.isDone { simulation.step() }
        // A tick to begin, and on two threads one more until the second comes.
        #expect((200 / threads...200 / threads + 3).contains(simulation.now))
    }
}
