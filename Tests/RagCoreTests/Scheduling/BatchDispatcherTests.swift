import RagCore
import Testing

private typealias Dispatcher = BatchDispatcher<String>

/// Who does what, in small scenes; `DispatchSimulationTests` has the large ones.
@Suite("Batch dispatcher")
struct BatchDispatcherTests {
    private static let bounds = BatchBounds(
        batchTokensMax: 100,
        queryTokensMax: 1_000,
        ingestTokensMax: 2_000
    )

    private var dispatcher = Dispatcher(bounds: bounds, threads: 2)
    private var textCount: UInt64 = 0

    @discardableResult
    private mutating func enqueue(
        _ priority: BatchPriority,
        _ tokenCounts: [Int]
    ) -> Dispatcher.EnqueueAction {
        let texts = tokenCounts.map { count in
            textCount += 1
            return BatchText(BatchTextID(textCount), tokenCount: count)
        }
        return dispatcher.enqueue(texts, lane: "model", priority: priority)
    }

    /// A step in words, such as `query 1 2` or `lead 1 for 2`.
    private func words(_ step: Dispatcher.Step?) -> String {
        switch step {
        case .compute(let batch): words(batch)
        case .lead(_, let batch, let parts): words(batch) + " in \(parts) parts"
        case .help: "help"
        case .linger: "linger"
        case nil: "nothing"
        }
    }

    private func words(_ batch: Dispatcher.Queue.Batch) -> String {
        batch.priority.rawValue + batch.texts.map { " \($0.id.number)" }.joined()
    }

    private mutating func next(_ thread: Int, owesIngest: Bool = false) -> String {
        words(dispatcher.nextStep(thread, owesIngest: owesIngest))
    }

    private mutating func pause(_ thread: Int) -> String {
        words(dispatcher.nextStepInPause(thread))
    }

    @Test("a thread takes queries before ingest, unless ingest is due")
    mutating func order() {
        enqueue(.ingest, [100, 100, 100])
        enqueue(.query, [50, 60, 60, 50])
        #expect(next(0) == "query 4")
        #expect(next(0) == "query 5")
        #expect(next(1, owesIngest: true) == "ingest 1")
        #expect(next(0, owesIngest: true) == "ingest 2")
    }

    @Test("ingest that is due but does not wait holds nothing up")
    mutating func owedToNobody() {
        enqueue(.query, [10])
        #expect(next(0, owesIngest: true) == "query 1 in 2 parts")
    }

    @Test("for queries all idle threads are woken, for ingest those with a text", arguments: 1...3)
    mutating func wakes(textCount: Int) {
        let texts = Array(repeating: 10, count: textCount)
        #expect(enqueue(.ingest, texts) == .wake(min(2, textCount)))
        #expect(enqueue(.query, texts) == .wake(2))
        _ = next(0)
        #expect(enqueue(.ingest, texts) == .wake(1))
        #expect(enqueue(.query, texts) == .wake(1))
        _ = next(1)
        #expect(enqueue(.query, texts) == .wake(0))
    }

    @Test("a lone query is shared with the idle thread, once it can be helped with")
    mutating func sharesALoneQuery() {
        enqueue(.query, [10])
        guard case .lead(let id, _, 2) = dispatcher.nextStep(0, owesIngest: false) else {
            Issue.record("the query is not shared")
            return
        }
        #expect(!dispatcher.hasQueryWork)
        #expect(next(1) == "linger")
        #expect(dispatcher.open(id) == 1)
        #expect(dispatcher.hasQueryWork)
        #expect(next(1) == "help")
        #expect(!dispatcher.hasQueryWork)
        dispatcher.close(id)
        #expect(next(0) == "nothing" && next(1) == "nothing")
        #expect(dispatcher.isIdle)
    }

    @Test("a batch that ended before anybody came is not helped with")
    mutating func helpComesTooLate() {
        enqueue(.query, [10])
        guard case .lead(let id, _, _) = dispatcher.nextStep(0, owesIngest: false) else {
            Issue.record("the query is not shared")
            return
        }
        _ = dispatcher.open(id)
        dispatcher.close(id)
        #expect(next(1) == "nothing")
    }

    @Test("as many queries as threads have a thread each")
    mutating func ownBatches() {
        enqueue(.query, [10, 10])
        #expect(next(0) == "query 1")
        #expect(next(1) == "query 2")
    }

    @Test("many queries are split evenly between the threads that are ready")
    mutating func splits() {
        enqueue(.query, [10, 10, 10, 10, 10, 10])
        #expect(next(0) == "query 1 2 3")
        #expect(next(1) == "query 4 5 6")
    }

    @Test("a query behind which none waits is not shared when the other thread has queries")
    mutating func nobodyToHelp() {
        enqueue(.query, [90, 90])
        #expect(next(0) == "query 1")
        enqueue(.query, [10])
        #expect(next(1) == "query 2 3")
    }

    @Test("a thread in ingest takes a query in its pause, shares it, and goes on")
    mutating func preempts() {
        enqueue(.ingest, [100, 100])
        #expect(next(0) == "ingest 1")
        #expect(next(1) == "ingest 2")
        #expect(!dispatcher.hasQueryWork)
        enqueue(.query, [10])
        #expect(dispatcher.hasQueryWork)
        guard case .lead(let id, let batch, 2) = dispatcher.nextStepInPause(0) else {
            Issue.record("the query is not taken")
            return
        }
        #expect(words(batch) == "query 3")
        #expect(dispatcher.open(id) == 0)
        #expect(pause(1) == "help")
        dispatcher.close(id)
        #expect(pause(0) == "nothing" && pause(1) == "nothing")
        #expect(!dispatcher.isIdle)
        #expect(next(0) == "nothing" && next(1) == "nothing")
        #expect(dispatcher.isIdle)
    }

    @Test("ingest is split between idle threads, never shared, and never begun in a pause")
    mutating func ingestIsSplit() {
        enqueue(.ingest, [20, 20, 20, 20])
        #expect(next(0) == "ingest 1 2")
        #expect(pause(0) == "nothing")
        #expect(next(1) == "ingest 3 4")
        enqueue(.ingest, [50])
        #expect(next(0) == "ingest 5")
    }

    @Test("of four threads two help with each of two queries")
    mutating func fourThreads() {
        dispatcher = Dispatcher(bounds: Self.bounds, threads: 4)
        enqueue(.query, [10, 10])
        #expect(next(0) == "query 1 in 2 parts")
        #expect(next(1) == "query 2 in 3 parts")
    }
}
