import Embedder
import Foundation
import RagCore
import Synchronization
import Testing

@Suite("Batch scheduler")
struct BatchSchedulerTests {
    private static let bounds = BatchBounds(
        batchTokensMax: 8,
        queryTokensMax: 1_000,
        ingestTokensMax: 1_000
    )

    /// Runs `body` with a scheduler, and stops it.
    private func withScheduler(
        threads: Int = 2,
        bounds: BatchBounds = bounds,
        _ body: (BatchScheduler) async throws -> Void
    ) async throws {
        let scheduler = BatchScheduler(threads: threads, bounds: bounds, metrics: Metrics())
        do {
            try await body(scheduler)
        } catch {
            await scheduler.stop()
            throw error
        }
        await scheduler.stop()
    }

    @Test("gives every request its own results, in its own order")
    func resultsInOrder() async throws {
        try await withScheduler { scheduler in
            let encoder = EchoEncoder()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for request in 0..<50 {
                    group.addTask {
                        let ids = (0..<7).map { Int32(request * 100 + $0) }
                        let results = try await scheduler.encode(
                            ids.map { Encoding(id: $0, count: 1 + Int($0) % 5) },
                            with: encoder,
                            output: .none,
                            priority: request.isMultiple(of: 2) ? .query : .ingest
                        )
                        #expect(results.map { Int32($0.vector[0]) } == ids)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("no texts have no results")
    func noTexts() async throws {
        try await withScheduler { scheduler in
            let results = try await scheduler.encode(
                [],
                with: EchoEncoder(),
                output: .none,
                priority: .query
            )
            #expect(results.isEmpty)
        }
    }

    @Test("a failed batch fails the requests that have a text in it, and no other")
    func errorsReachTheirRequests() async throws {
        try await withScheduler(threads: 1) { scheduler in
            let encoder = EchoEncoder(poison: 666)
            let gate = encoder.block()
            async let first = outcome(scheduler, encoder, [1], .ingest)
            await encoder.waitUntilBlocked()
            // Waiting together: 8-token texts have a batch each, so the poison is alone in its own.
            async let poisoned = outcome(scheduler, encoder, [666, 2], .ingest, length: 8)
            async let clean = outcome(scheduler, encoder, [3, 4], .ingest, length: 8)
            gate.open()
            #expect(await first == "ok")
            #expect(await poisoned == "invalid")
            #expect(await clean == "ok")
        }
    }

    @Test("a cancelled request returns at once, and its texts are not encoded")
    func cancellation() async throws {
        try await withScheduler(threads: 1) { scheduler in
            let encoder = EchoEncoder()
            let gate = encoder.block()
            async let first = outcome(scheduler, encoder, [1], .query)
            await encoder.waitUntilBlocked()
            let outcome = await withTaskGroup(of: String.self) { group in
                group.addTask { await self.outcome(scheduler, encoder, [77], .query) }
                group.cancelAll()
                return await group.next()
            }
            #expect(outcome == "cancelled")
            #expect(scheduler.waitingTokens(.query) == 0)
            gate.open()
            #expect(await first == "ok")
            #expect(!encoder.seen.contains(77))
        }
    }

    @Test("past its bound the queue refuses, and says when to come back")
    func overload() async throws {
        let bounds = BatchBounds(batchTokensMax: 8, queryTokensMax: 8, ingestTokensMax: 16)
        try await withScheduler(threads: 1, bounds: bounds) { scheduler in
            let encoder = EchoEncoder()
            let gate = encoder.block()
            async let first = outcome(scheduler, encoder, [1], .ingest)
            await encoder.waitUntilBlocked()
            async let second = outcome(scheduler, encoder, [2, 3], .ingest, length: 8)
            while scheduler.waitingTokens(.ingest) < 16 { await Task.yield() }
            #expect(await outcome(scheduler, encoder, [4], .ingest) == "overloaded in 1 s")
            gate.open()
            #expect(await [first, second] == ["ok", "ok"])
            #expect(await outcome(scheduler, encoder, [5], .ingest) == "ok")
        }
    }

    @Test("a stopped scheduler encodes what waits, and takes no more")
    func stopDrains() async throws {
        let scheduler = BatchScheduler(threads: 2, bounds: Self.bounds, metrics: Metrics())
        let encoder = EchoEncoder()
        let gate = encoder.block()
        async let outcomes = withTaskGroup(of: String.self) { group in
            for id in 1...20 {
                group.addTask { await self.outcome(scheduler, encoder, [Int32(id)], .ingest) }
            }
            return await group.reduce(into: Set()) { $0.insert($1) }
        }
        await encoder.waitUntilBlocked()
        while scheduler.waitingTokens(.ingest) + encoder.running < 20 { await Task.yield() }
        async let stopped: Void = scheduler.stop()
        gate.open()
        await stopped
        #expect(await outcomes == ["ok"])
        #expect(await outcome(scheduler, encoder, [21], .ingest) == "unavailable")
    }

    /// How a request ended, in a word.
    private func outcome(
        _ scheduler: BatchScheduler,
        _ encoder: EchoEncoder,
        _ ids: [Int32],
        _ priority: BatchPriority,
        length: Int = 1
    ) async -> String {
        do throws(RagError) {
            _ = try await scheduler.encode(
                ids.map { Encoding(id: $0, count: length) },
                with: encoder,
                output: .none,
                priority: priority
            )
            return "ok"
        } catch {
            guard case .overloaded(let seconds) = error.kind else { return "\(error.kind)" }
            return "overloaded in \(seconds) s"
        }
    }
}

/// An encoder whose vector of a text is the text's first id; it stalls and fails on demand.
private final class EchoEncoder: TextEncoder {
    /// Holds every batch until it is opened.
    final class Gate: Sendable {
        fileprivate let isOpen = Atomic(false)
        func open() { isOpen.store(true, ordering: .releasing) }
    }

    private let poison: Int32?
    private let gate = Mutex<Gate?>(nil)
    private let ids = Mutex<Set<Int32>>([])
    private let runningTokens = Atomic(0)

    init(poison: Int32? = nil) {
        self.poison = poison
    }

    /// First ids of the texts that were encoded.
    var seen: Set<Int32> { ids.withLock(\.self) }

    /// Tokens in batches now.
    var running: Int { runningTokens.load(ordering: .acquiring) }

    /// Makes batches wait from now on.
    func block() -> Gate {
        let gate = Gate()
        self.gate.withLock { $0 = gate }
        return gate
    }

    func waitUntilBlocked() async {
        while running == 0 { await Task.yield() }
    }

    func makeSession() -> any TextEncoderSession { Session(encoder: self) }

    private struct Session: TextEncoderSession {
        let encoder: EchoEncoder

        func encode(
            _ batch: [Encoding],
            output: TokenVectorOutput
        ) throws(EmbedderError) -> [EncodedText] {
            let tokens = batch.reduce(0) { $0 + $1.count }
            encoder.runningTokens.add(tokens, ordering: .acquiringAndReleasing)
            defer { encoder.runningTokens.subtract(tokens, ordering: .acquiringAndReleasing) }
            if let gate = encoder.gate.withLock(\.self) {
                while !gate.isOpen.load(ordering: .acquiring) {
                    Thread.sleep(forTimeInterval: 0.001)
                }
            }
            let firstIDs = batch.map { $0.ids[0] }
            encoder.ids.withLock { $0.formUnion(firstIDs) }
            if let poison = encoder.poison, firstIDs.contains(poison) {
                throw EmbedderError(.invalidInput, "poison")
            }
            return firstIDs.map { EncodedText(vector: [Float($0)]) }
        }
    }
}

extension Encoding {
    /// A text of `count` tokens, all of one id.
    fileprivate init(id: Int32, count: Int) {
        self.init(
            ids: Array(repeating: id, count: count),
            typeIDs: Array(repeating: 0, count: count),
            offsets: Array(repeating: 0..<0, count: count)
        )
    }
}
