import RagCore
import Testing

private typealias Queue = BatchQueue<String>

/// What waits, in small scenes; `BatchQueueSimulationTests` has the large ones.
@Suite("Batch queue")
struct BatchQueueTests {
    private static let bounds = BatchBounds(
        batchTokensMax: 100,
        queryTokensMax: 1_000,
        ingestTokensMax: 2_000
    )

    private var queue = Queue(bounds: bounds)

    @discardableResult
    private mutating func enqueue(
        _ number: UInt64,
        _ tokenCounts: [Int],
        lane: String = "model",
        _ priority: BatchPriority = .ingest
    ) -> BatchEnqueueAction {
        queue.enqueue(
            BatchRequestID(number),
            lane: lane,
            priority: priority,
            tokenCounts: tokenCounts
        )
    }

    /// The texts of the next batch as `request.index`.
    private mutating func next() -> [String]? {
        queue.formBatch()?.items.map { "\($0.request.number).\($0.index)" }
    }

    @Test("gives nothing when nothing waits")
    mutating func givesNothingWhenEmpty() {
        #expect(queue.formBatch() == nil)
        #expect(queue.isEmpty)
    }

    @Test("fills a batch up to its budget and no further")
    mutating func fillsUpToTheBudget() {
        enqueue(1, [40, 40, 40])
        #expect(next() == ["1.0", "1.1"])
        #expect(next() == ["1.2"])
        #expect(next() == nil)
    }

    @Test("a text longer than the budget goes alone")
    mutating func longTextGoesAlone() {
        enqueue(1, [500, 10])
        #expect(next() == ["1.0"])
        #expect(next() == ["1.1"])
    }

    @Test("ingest texts go longest with longest, across requests")
    mutating func longestWithLongest() {
        enqueue(1, [10, 90])
        enqueue(2, [50, 20, 50])
        #expect(next() == ["1.1"])
        #expect(next() == ["2.0", "2.2"])
        #expect(next() == ["2.1", "1.0"])
    }

    @Test("a short ingest text is in the sweep that it came before, however many long ones follow")
    mutating func shortTextIsNotStarved() {
        enqueue(1, [1, 60, 60])
        #expect(next() == ["1.1"])
        for number in 2..<10 { enqueue(UInt64(number), [100]) }
        #expect(next() == ["1.2", "1.0"])
    }

    @Test("queries go in the order in which they came, and only with queries")
    mutating func queriesInOrder() {
        enqueue(1, [50])
        enqueue(2, [60], .query)
        enqueue(3, [30], .query)
        enqueue(4, [50], .query)
        #expect(next() == ["2.0", "3.0"])
        #expect(next() == ["4.0"])
        #expect(next() == ["1.0"])
    }

    @Test("after four batches of queries, waiting ingest texts have their turn")
    mutating func ingestHasItsTurn() {
        enqueue(1, [50])
        for number in 2..<9 { enqueue(UInt64(number), [90], .query) }
        let batches = (0..<8).map { _ in next() ?? [] }
        #expect(
            batches == [["2.0"], ["3.0"], ["4.0"], ["5.0"], ["1.0"], ["6.0"], ["7.0"], ["8.0"]]
        )
    }

    @Test("texts of different lanes never share a batch, and lanes take turns")
    mutating func lanesTakeTurns() {
        enqueue(1, [60, 60], lane: "a")
        enqueue(2, [60, 60], lane: "b")
        #expect((0..<4).map { _ in queue.formBatch()?.lane } == ["a", "b", "a", "b"])
    }

    @Test("the lane of the oldest query goes first")
    mutating func oldestQueryFirst() {
        enqueue(1, [10], lane: "b", .query)
        enqueue(2, [10], lane: "a", .query)
        enqueue(3, [10], lane: "b", .query)
        #expect(next() == ["1.0", "3.0"])
        #expect(next() == ["2.0"])
    }

    @Test("a request that does not fit is refused as a whole, and changes nothing")
    mutating func refusesWhatDoesNotFit() {
        enqueue(1, [900], .query)
        #expect(enqueue(2, [50, 51], .query) == .refuseFull(waitingTokens: 900))
        #expect(queue.waitingTokens(.query) == 900)
        #expect(enqueue(3, [100], .query) == .wakeWorkers(count: 1))
    }

    @Test("the classes have a bound each")
    mutating func boundsAreSeparate() {
        enqueue(1, Array(repeating: 100, count: 20), .ingest)
        #expect(enqueue(2, [1], .ingest) == .refuseFull(waitingTokens: 2_000))
        #expect(enqueue(3, [1_000], .query) == .wakeWorkers(count: 10))
    }

    @Test("forming a batch makes room")
    mutating func batchesMakeRoom() {
        enqueue(1, Array(repeating: 100, count: 20))
        _ = queue.formBatch()
        #expect(queue.waitingTokens(.ingest) == 1_900)
        #expect(enqueue(2, [100]) == .wakeWorkers(count: 1))
    }

    @Test("a cancelled request is in no batch, and gives its room back at once")
    mutating func cancelledIsPassedOver() {
        enqueue(1, [40, 40])
        enqueue(2, [40])
        let wasWaiting = queue.cancel(BatchRequestID(1))
        #expect(wasWaiting)
        #expect(queue.waitingTokens(.ingest) == 40)
        #expect(next() == ["2.0"])
        #expect(queue.isEmpty)
    }

    @Test("a request may be cancelled between its batches")
    mutating func cancelledBetweenBatches() {
        enqueue(1, [90, 90, 90])
        #expect(next() == ["1.0"])
        queue.cancel(BatchRequestID(1))
        #expect(next() == nil)
        #expect(queue.waitingTokens(.ingest) == 0)
    }

    @Test("cancelling what is not waiting changes nothing")
    mutating func cancellingTheUnknown() {
        enqueue(1, [10])
        let wasKnown = queue.cancel(BatchRequestID(7))
        #expect(!wasKnown)
        #expect(next() == ["1.0"])
        let isWaiting = queue.cancel(BatchRequestID(1))
        #expect(!isWaiting)
    }

    @Test("a closed queue refuses, and gives what waits")
    mutating func closedQueueDrains() {
        enqueue(1, [10])
        queue.close()
        #expect(enqueue(2, [10]) == .refuseClosed)
        #expect(next() == ["1.0"])
        #expect(queue.isEmpty && !queue.isOpen)
    }

    @Test("as many workers are woken as there are batches", arguments: [1, 99, 100, 101, 1_000])
    mutating func wakesAsManyAsBatches(tokens: Int) {
        #expect(enqueue(1, [tokens]) == .wakeWorkers(count: (tokens + 99) / 100))
    }
}
