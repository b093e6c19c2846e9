import Embedder
import Foundation
import RagCore
import TestSupport
import Testing

/// Threads, clients and an encoder that takes its time, all at once; five minutes when the slow
/// tests run.
@Suite("Batch scheduler under a long mixed load")
struct SchedulerSoakTests {
    private static let isSlow = ProcessInfo.processInfo.environment["RAGD_SLOW_TESTS"] == "1"
    private static let duration = isSlow ? Duration.seconds(300) : .zero
    private static let requestsMin = 50

    /// How requests ended.
    private struct Tally: Sendable {
        var outcomes: [String: Int] = [:]
        var wrongCount = 0
        var count: Int { outcomes.values.reduce(0, +) }

        mutating func add(_ other: Tally) {
            outcomes.merge(other.outcomes, uniquingKeysWith: +)
            wrongCount += other.wrongCount
        }
    }

    @Test(
        "every request is answered rightly, refused as overloaded, or was cancelled; nothing stays"
    )
    func soak() async throws {
        let bounds = BatchBounds(
            batchTokensMax: 64,
            queryTokensMax: 256,
            ingestTokensMax: 1_024
        )
        let scheduler = BatchScheduler(
            threads: 2,
            bounds: bounds,
            cacheEntriesMax: 50,
            cacheByteCountMax: 1 << 20,
            metrics: Metrics()
        )
        let encoder = FakeEncoder(poison: 666, timePerToken: .microseconds(20))
        let end = ContinuousClock.now + Self.duration
        let tally = await withTaskGroup(of: Tally.self) { group in
            for client: UInt64 in 0..<24 {
                group.addTask {
                    var random = SeededRandom(seed: client)
                    var tally = Tally()
                    while tally.count < Self.requestsMin || ContinuousClock.now < end {
                        let request = Request(using: &random)
                        let outcome = await request.run(scheduler, encoder)
                        tally.outcomes[outcome.word, default: 0] += 1
                        if outcome.isWrong { tally.wrongCount += 1 }
                    }
                    return tally
                }
            }
            return await group.reduce(into: Tally()) { $0.add($1) }
        }
        #expect(scheduler.waitingTokens(.query) == 0 && scheduler.waitingTokens(.ingest) == 0)
        await scheduler.stop()
        #expect(scheduler.isIdle)
        #expect(tally.wrongCount == 0)
        let words = ["answered", "cancelled", "failed", "overloaded"]
        #expect(tally.outcomes.keys.sorted() == words, "\(tally.outcomes)")
    }
}

/// What one client asks for.
private struct Request: Sendable {
    let ids: [Int32]
    let length: Int
    let priority: BatchPriority
    /// Whether the client goes before it has its answer.
    let isCancelled: Bool

    init(using random: inout SeededRandom) {
        priority = Int.random(in: 0..<3, using: &random) > 0 ? .query : .ingest
        let count = Int.random(in: 1...(priority == .query ? 3 : 20), using: &random)
        ids = (0..<count).map { _ in Int32.random(in: 1...700, using: &random) }
        length = Int.random(in: 0..<10, using: &random) == 0 ? 100 : 1 + count % 30
        isCancelled = Int.random(in: 0..<10, using: &random) == 0
    }

    func run(
        _ scheduler: BatchScheduler,
        _ encoder: FakeEncoder
    ) async -> (word: String, isWrong: Bool) {
        await withTaskGroup(of: (String, Bool).self) { group in
            group.addTask { await encode(scheduler, encoder) }
            if isCancelled {
                // Some are gone before their texts are taken, some while they are computed.
                for _ in 1..<ids.count { await Task.yield() }
                group.cancelAll()
            }
            let outcome = await group.next() ?? ("lost", true)
            return (outcome.0, outcome.1 || outcome.0 == "cancelled" && !isCancelled)
        }
    }

    private func encode(
        _ scheduler: BatchScheduler,
        _ encoder: FakeEncoder
    ) async -> (String, Bool) {
        do throws(RagError) {
            let results = try await scheduler.encode(
                ids.map { Encoding(id: $0, count: length) },
                with: encoder,
                output: .none,
                priority: priority
            )
            return ("answered", results.map { Int32($0.vector[0]) } != ids)
        } catch {
            switch error.kind {
            case .overloaded(let seconds): return ("overloaded", seconds < 1)
            case .cancelled: return ("cancelled", false)
            // A batch fails as a whole, so a request without the poison may fail with one that has.
            case .invalid: return ("failed", false)
            default: return ("\(error.kind)", true)
            }
        }
    }
}
