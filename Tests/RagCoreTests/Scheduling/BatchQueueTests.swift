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

    /// Texts of these lengths arrive, numbered from `first` on.
    @discardableResult
    private mutating func enqueue(
        _ first: UInt64,
        _ tokenCounts: [Int],
        lane: String = "model",
        _ priority: BatchPriority = .ingest
    ) -> BatchAdmission {
        let texts = tokenCounts.enumerated().map { index, count in
            BatchText(BatchTextID(first + UInt64(index)), tokenCount: count)
        }
        return queue.enqueue(texts, lane: lane, priority: priority)
    }

    /// The numbers of the texts of the next batch.
    private mutating func next(_ priority: BatchPriority = .ingest, threads: Int = 1) -> [UInt64]? {
        queue.formBatch(priority, threads: threads)?.texts.map(\.id.number)
    }

    @Test("gives nothing when nothing waits")
    mutating func givesNothingWhenEmpty() {
        #expect(next(.query) == nil)
        #expect(next(.ingest) == nil)
        #expect(queue.isEmpty)
    }

    @Test("fills a batch up to its budget and no further")
    mutating func fillsUpToTheBudget() {
        enqueue(1, [40, 40, 40])
        #expect(next() == [1, 2])
        #expect(next() == [3])
        #expect(next() == nil)
    }

    @Test("a text longer than the budget goes alone")
    mutating func longTextGoesAlone() {
        enqueue(1, [500, 10])
        #expect(next() == [1])
        #expect(next() == [2])
    }

    @Test("ingest texts go longest with longest, whenever they came")
    mutating func longestWithLongest() {
        enqueue(1, [10, 90])
        enqueue(3, [50, 20, 50])
        #expect(next() == [2])
        #expect(next() == [3, 5])
        #expect(next() == [4, 1])
    }

    @Test("a short ingest text is in the sweep that it came before, however many long ones follow")
    mutating func shortTextIsNotStarved() {
        enqueue(1, [1, 60, 60])
        #expect(next() == [2])
        for number in 4..<12 { enqueue(UInt64(number), [100]) }
        #expect(next() == [3, 1])
    }

    @Test("queries go in the order in which they came, and only with queries")
    mutating func queriesInOrder() {
        enqueue(1, [50])
        enqueue(2, [60], .query)
        enqueue(3, [30], .query)
        enqueue(4, [50], .query)
        #expect(next(.query) == [2, 3])
        #expect(next(.query) == [4])
        #expect(next(.query) == nil)
        #expect(next() == [1])
    }

    @Test("what waits is shared out evenly among the threads that are ready")
    mutating func sharesOut() {
        enqueue(1, [10, 10, 10, 10], .query)
        #expect(next(.query, threads: 2) == [1, 2])
        #expect(next(.query, threads: 2) == [3])
        #expect(next(.query, threads: 1) == [4])
    }

    @Test("a text is never cut, and the budget holds, however few threads are ready")
    mutating func sharesWholeTexts() {
        enqueue(1, [30, 10], .query)
        #expect(next(.query, threads: 4) == [1])
        enqueue(3, [90, 90], .query)
        #expect(next(.query, threads: 1) == [2, 3])
    }

    @Test("texts of different lanes never share a batch, and lanes take turns")
    mutating func lanesTakeTurns() {
        enqueue(1, [60, 60], lane: "a")
        enqueue(3, [60, 60], lane: "b")
        #expect((0..<4).map { _ in queue.formBatch(.ingest)?.lane } == ["a", "b", "a", "b"])
    }

    @Test("a lane that is emptied and filled again goes after one that has waited meanwhile")
    mutating func refilledLaneWaits() {
        enqueue(1, [60, 60, 60], lane: "a")
        var lanes: [String?] = []
        for number in 4..<8 {
            enqueue(UInt64(number), [60], lane: "b")
            lanes.append(queue.formBatch(.ingest)?.lane)
            if lanes.last == "a" { lanes.append(queue.formBatch(.ingest)?.lane) }
        }
        #expect(lanes == ["a", "b", "a", "b", "a", "b", "b"])
    }

    @Test("the lane of the oldest query goes first")
    mutating func oldestQueryFirst() {
        enqueue(1, [10], lane: "b", .query)
        enqueue(2, [10], lane: "a", .query)
        enqueue(3, [10], lane: "b", .query)
        #expect(next(.query) == [1, 3])
        #expect(next(.query) == [2])
    }

    @Test("texts that do not fit are refused together, and change nothing")
    mutating func refusesWhatDoesNotFit() {
        enqueue(1, [900], .query)
        #expect(enqueue(2, [50, 51], .query) == .full(queue.backlog(.query)))
        #expect(queue.waitingTokens(.query) == 900 && queue.waitingTexts(.query) == 1)
        #expect(enqueue(4, [100], .query) == .taken)
    }

    @Test("the classes have a bound each")
    mutating func boundsAreSeparate() {
        enqueue(1, Array(repeating: 100, count: 20), .ingest)
        #expect(enqueue(21, [1], .ingest) == .full(queue.backlog(.ingest)))
        #expect(enqueue(22, [1_000], .query) == .taken)
    }

    @Test("texts that would wait too long are refused, and taken when nothing waits before them")
    func refusesWhatWouldWait() {
        let bounds = BatchBounds(
            batchTokensMax: 100,
            queryTokensMax: 1_000,
            ingestTokensMax: 1_000,
            waitSecondsMax: 30
        )
        var queue = BatchQueue<String>(bounds: bounds)
        func text(_ number: UInt64, _ seconds: Double) -> BatchText {
            BatchText(BatchTextID(number), tokenCount: 1, seconds: seconds)
        }
        let long = (0..<2).map { text($0, 20) }
        #expect(queue.enqueue(long, lane: "a", priority: .ingest) == .taken)
        let late = queue.enqueue([text(2, 0.1)], lane: "b", priority: .ingest)
        #expect(late == .full(queue.backlog(.ingest)) && queue.backlog(.ingest).seconds == 40)
        #expect(queue.enqueue([text(3, 0.1)], lane: "b", priority: .query) == .taken)
        queue.cancel(BatchTextID(0))
        #expect(queue.enqueue([text(4, 0.1)], lane: "b", priority: .ingest) == .taken)
    }

    @Test("forming a batch makes room")
    mutating func batchesMakeRoom() {
        enqueue(1, Array(repeating: 100, count: 20))
        _ = queue.formBatch(.ingest)
        #expect(queue.waitingTokens(.ingest) == 1_900)
        #expect(enqueue(21, [100]) == .taken)
    }

    @Test("a cancelled text is in no batch, and gives its room back at once")
    mutating func cancelledIsPassedOver() {
        enqueue(1, [40, 40])
        enqueue(3, [40])
        for number: UInt64 in [1, 2] {
            let wasWaiting = queue.cancel(BatchTextID(number))
            #expect(wasWaiting)
        }
        #expect(queue.waitingTokens(.ingest) == 40)
        #expect(next() == [3])
        #expect(queue.isEmpty)
    }

    @Test("cancelling what is not waiting changes nothing")
    mutating func cancellingTheUnknown() {
        enqueue(1, [10])
        let wasKnown = queue.cancel(BatchTextID(7))
        #expect(!wasKnown)
        #expect(next() == [1])
        let isWaiting = queue.cancel(BatchTextID(1))
        #expect(!isWaiting)
    }

    @Test("a closed queue refuses, and gives what waits")
    mutating func closedQueueDrains() {
        enqueue(1, [10])
        queue.close()
        #expect(enqueue(2, [10]) == .closed)
        #expect(next() == [1])
        #expect(queue.isEmpty && !queue.isOpen)
    }
}
