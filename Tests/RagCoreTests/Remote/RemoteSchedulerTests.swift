import Kernels
import RagCore
import Testing

@Suite("Requests to a server")
struct RemoteSchedulerTests {
    private func scheduler(
        _ peer: FakePeer,
        requestsMax: Int = 2,
        textsMax: Int = 4,
        tokensMax: Int = 1_000,
        _ body: (RemoteScheduler) async throws -> Void
    ) async throws {
        let threads = ThreadPoolExecutor(name: "test", threads: 2, slice: .short)
        let queue = RemoteQueue(
            bounds: BatchBounds(
                batchTokensMax: tokensMax,
                queryTokensMax: tokensMax,
                ingestTokensMax: tokensMax,
                batchTextsMax: textsMax
            ),
            requestsMax: requestsMax,
            cacheEntriesMax: 100,
            cacheByteCountMax: 1 << 20
        )
        let scheduler = RemoteScheduler(queue) { _ in
            threads
        } perform: { _, texts async throws(RagError) in
            try await peer.embed(texts, dimension: nil)
        }
        do {
            try await body(scheduler)
        } catch {
            peer.release()
            await scheduler.stop()
            await threads.stop()
            throw error
        }
        peer.release()
        await scheduler.stop()
        #expect(scheduler.isIdle)
        await threads.stop()
    }

    private func values(
        _ texts: [String],
        _ scheduler: RemoteScheduler,
        _ priority: BatchPriority = .ingest
    ) async -> Result<[[Float]], RagError> {
        do {
            let texts = texts.map { RemoteQueue.Text($0, tokenCount: 10) }
            return .success(
                try await scheduler.values(of: texts, lane: .texts, priority: priority)
            )
        } catch {
            return .failure(error)
        }
    }

    /// Waits until so many requests were made.
    private func wait(for count: Int, _ peer: FakePeer) async throws {
        for _ in 0..<500 where peer.batches.count < count {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(peer.batches.count == count)
    }

    @Test("many texts go in several requests of bounded size, and come back in order")
    func batches() async throws {
        let peer = FakePeer()
        try await scheduler(peer) { scheduler in
            let texts = (0..<11).map { "text \($0)" }
            let values = try await values(texts, scheduler).get()
            #expect(values == texts.map { FakePeer.vector($0, dimension: 8) })
            #expect(peer.batches.map(\.count).sorted() == [3, 4, 4])
        }
    }

    @Test("a query does not wait for ingest that has taken all the room that it may")
    func queriesPass() async throws {
        let peer = FakePeer()
        try await scheduler(peer) { scheduler in
            peer.hold()
            async let bulk = values((0..<20).map { "bulk \($0)" }, scheduler)
            try await wait(for: 1, peer)
            async let query = values(["query"], scheduler, .query)
            try await wait(for: 2, peer)
            #expect(peer.batches[1] == ["query"])
            peer.release()
            #expect(try await query.get().count == 1)
            #expect(try await bulk.get().count == 20)
        }
    }

    @Test("a text in flight is joined, and a query that was answered is known")
    func joinsAndRemembers() async throws {
        let peer = FakePeer()
        try await scheduler(peer) { scheduler in
            peer.hold()
            async let first = values(["same"], scheduler, .query)
            try await wait(for: 1, peer)
            async let second = values(["same"], scheduler, .query)
            try await Task.sleep(for: .milliseconds(50))
            peer.release()
            #expect(try await first.get() == second.get())
            _ = await values(["same"], scheduler, .query)
            #expect(peer.batches.count == 1)
        }
    }

    @Test("only the text that the server refuses fails")
    func refusedText() async throws {
        let peer = FakePeer()
        try await scheduler(peer) { scheduler in
            peer.hold()
            async let blocker = values(["first"], scheduler)
            try await wait(for: 1, peer)
            async let good = values(["a", "b"], scheduler)
            async let bad = values(["REFUSE"], scheduler)
            for _ in 0..<500 where scheduler.waitingTokens(.ingest) < 30 {
                try await Task.sleep(for: .milliseconds(10))
            }
            peer.release()
            _ = await blocker
            #expect(try await good.get().count == 2)
            guard case .failure(let error) = await bad else {
                Issue.record("a refused text has a vector")
                return
            }
            #expect(error.code == RagError.remoteRefusedCode)
        }
    }

    @Test("past the room of its class a request is refused as a whole, with a time to come back")
    func overload() async throws {
        let peer = FakePeer()
        try await scheduler(peer, tokensMax: 50) { scheduler in
            peer.hold()
            async let running = values(["a"], scheduler)
            try await wait(for: 1, peer)
            async let waiting = values((0..<4).map { "b\($0)" }, scheduler)
            for _ in 0..<500 where scheduler.waitingTokens(.ingest) < 40 {
                try await Task.sleep(for: .milliseconds(10))
            }
            guard case .failure(let error) = await values(["c", "d"], scheduler),
                case .overloaded(let seconds) = error.kind
            else {
                Issue.record("a full queue took more")
                return
            }
            #expect(seconds >= 1)
            peer.release()
            _ = await (running, waiting)
        }
    }

    @Test("a caller that is cancelled leaves at once; the others get their answer")
    func cancellation() async throws {
        let peer = FakePeer()
        try await scheduler(peer) { scheduler in
            peer.hold()
            let texts = [RemoteQueue.Text("a", tokenCount: 1)]
            let leaving = Task {
                try await scheduler.values(of: texts, lane: .texts, priority: .query)
            }
            try await wait(for: 1, peer)
            async let staying = values(["a"], scheduler, .query)
            try await Task.sleep(for: .milliseconds(50))
            leaving.cancel()
            await #expect(throws: RagError.self) { try await leaving.value }
            peer.release()
            #expect(try await staying.get().count == 1)
        }
    }
}
