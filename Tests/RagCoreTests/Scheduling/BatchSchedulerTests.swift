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
        cacheEntriesMax: Int = 0,
        metrics: Metrics = Metrics(),
        _ body: (BatchScheduler) async throws -> Void
    ) async throws {
        let scheduler = BatchScheduler(
            threads: threads,
            bounds: bounds,
            cacheEntriesMax: cacheEntriesMax,
            cacheByteCountMax: 1 << 20,
            metrics: metrics
        )
        do {
            try await body(scheduler)
        } catch {
            await scheduler.stop()
            throw error
        }
        await scheduler.stop()
        #expect(scheduler.isIdle)
    }

    @Test("gives every request its own results, in its own order")
    func resultsInOrder() async throws {
        try await withScheduler { scheduler in
            let encoder = FakeEncoder()
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
                with: FakeEncoder(),
                output: .none,
                priority: .query
            )
            #expect(results.isEmpty)
        }
    }

    @Test("a failed batch fails the requests that have a text in it, and no other")
    func errorsReachTheirRequests() async throws {
        try await withScheduler(threads: 1) { scheduler in
            let encoder = FakeEncoder(poison: 666)
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
            let encoder = FakeEncoder()
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
            #expect(encoder.seen[77] == nil)
        }
    }

    @Test("past its bound the queue refuses, and says when to come back")
    func overload() async throws {
        let bounds = BatchBounds(batchTokensMax: 8, queryTokensMax: 8, ingestTokensMax: 16)
        try await withScheduler(threads: 1, bounds: bounds) { scheduler in
            let encoder = FakeEncoder()
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
        let encoder = FakeEncoder()
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
        #expect(scheduler.isIdle)
        #expect(await outcomes == ["ok"])
        #expect(await outcome(scheduler, encoder, [21], .ingest) == "unavailable")
    }

    @Test("a query that comes in the midst of ingest is answered before the batch ends")
    func queryPreemptsIngest() async throws {
        let metrics = Metrics()
        try await withScheduler(threads: 1, metrics: metrics) { scheduler in
            let encoder = FakeEncoder()
            let gate = encoder.block()
            async let ingest = outcome(scheduler, encoder, [1], .ingest)
            await encoder.waitUntilBlocked()
            encoder.unblock()
            #expect(await outcome(scheduler, encoder, [2], .query) == "ok")
            #expect(encoder.running == 1)
            gate.open()
            #expect(await ingest == "ok")
        }
        #expect(metrics.text().contains("ragd_preemptions_total 1\n"))
    }

    @Test("an error in a query that preempts leaves the ingest batch alone")
    func failedQueryInAPause() async throws {
        try await withScheduler(threads: 1) { scheduler in
            let encoder = FakeEncoder(poison: 666)
            let gate = encoder.block()
            async let ingest = outcome(scheduler, encoder, [1], .ingest)
            await encoder.waitUntilBlocked()
            encoder.unblock()
            #expect(await outcome(scheduler, encoder, [666], .query) == "invalid")
            gate.open()
            #expect(await ingest == "ok")
        }
    }

    @Test("a lone query is computed by the idle thread too, and by one that pauses in ingest")
    func sharedQuery() async throws {
        let bounds = BatchBounds(
            batchTokensMax: 200,
            queryTokensMax: 1_000,
            ingestTokensMax: 1_000
        )
        try await withScheduler(bounds: bounds) { scheduler in
            let encoder = FakeEncoder(timePerToken: .microseconds(200))
            #expect(await outcome(scheduler, encoder, [1], .query, length: 200) == "ok")
            #expect(encoder.sharerCount == 2)
            let gate = encoder.block()
            async let ingest = outcome(scheduler, encoder, [2], .ingest)
            await encoder.waitUntilBlocked()
            encoder.unblock()
            #expect(await outcome(scheduler, encoder, [3], .query, length: 200) == "ok")
            #expect(encoder.sharerCount == 4)
            gate.open()
            #expect(await ingest == "ok")
        }
    }

    @Test("a failed shared batch fails its request, whether it failed when made or later")
    func sharedFailure() async throws {
        try await withScheduler { scheduler in
            let encoder = FakeEncoder(poison: 666)
            #expect(await outcome(scheduler, encoder, [666], .query) == "invalid")
            #expect(await outcome(scheduler, encoder, [1], .query) == "ok")
        }
    }

    @Test("identical texts in flight are encoded once, and a gone owner takes nothing along")
    func joinsTextsInFlight() async throws {
        let metrics = Metrics()
        try await withScheduler(threads: 1, metrics: metrics) { scheduler in
            let encoder = FakeEncoder()
            let gate = encoder.block()
            async let running = outcome(scheduler, encoder, [1, 1], .ingest)
            await encoder.waitUntilBlocked()
            async let joined = outcome(scheduler, encoder, [1, 2, 2], .ingest)
            while scheduler.waitingTokens(.ingest) < 1 { await Task.yield() }
            let cancelled = await withTaskGroup(of: String.self) { group in
                group.addTask { await self.outcome(scheduler, encoder, [1, 2], .ingest) }
                group.cancelAll()
                return await group.next()
            }
            #expect(cancelled == "cancelled")
            #expect(scheduler.waitingTokens(.ingest) == 1)
            gate.open()
            #expect(await [running, joined] == ["ok", "ok"])
            #expect(encoder.seen == [1: 1, 2: 1])
        }
    }

    @Test("texts of different lengths, encoders, outputs or classes are not the same")
    func notTheSame() async throws {
        try await withScheduler(threads: 1, cacheEntriesMax: 10) { scheduler in
            let encoder = FakeEncoder()
            for length in 1...2 {
                for priority in BatchPriority.allCases {
                    for output in [TokenVectorOutput.none, .floats] {
                        _ = try await scheduler.encode(
                            [Encoding(id: 1, count: length)],
                            with: encoder,
                            output: output,
                            priority: priority
                        )
                    }
                }
            }
            #expect(encoder.seen == [1: 8])
            let other = FakeEncoder()
            #expect(await outcome(scheduler, other, [1], .query) == "ok")
            #expect(other.seen == [1: 1])
        }
    }

    @Test("a query that was encoded of late is answered at once, and counted")
    func cachesQueries() async throws {
        let metrics = Metrics()
        try await withScheduler(cacheEntriesMax: 2, metrics: metrics) { scheduler in
            let encoder = FakeEncoder()
            for id: Int32 in [1, 2, 1, 3, 1, 2] {
                #expect(await outcome(scheduler, encoder, [id], .query) == "ok")
            }
            #expect(encoder.seen == [1: 1, 2: 2, 3: 1])
            let results = try await scheduler.encode(
                [4, 2, 1].map { Encoding(id: $0, count: 1) },
                with: encoder,
                output: .none,
                priority: .query
            )
            #expect(results.map(\.vector) == [[4], [2], [1]])
            #expect(await outcome(scheduler, encoder, [1], .ingest) == "ok")
            #expect(encoder.seen == [1: 2, 2: 2, 3: 1, 4: 1])
        }
        #expect(metrics.text().contains("ragd_query_cache_hits_total 4\n"))
        #expect(metrics.text().contains("ragd_query_cache_misses_total 5\n"))
    }

    /// How a request ended, in a word.
    private func outcome(
        _ scheduler: BatchScheduler,
        _ encoder: FakeEncoder,
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
