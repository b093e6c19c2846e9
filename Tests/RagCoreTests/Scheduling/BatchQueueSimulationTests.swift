import RagCore
import TestSupport
import Testing

private typealias Queue = BatchQueue<Int>

/// A queue under random arrivals, cancellations and workers, beside a model that forgets nothing.
@Suite("Batch queue under random load")
struct BatchQueueSimulationTests {
    @Test("loses no text, keeps its bounds, and lets nobody wait too long", arguments: 0..<200)
    func holdsItsInvariants(seed: UInt64) {
        var simulation = Simulation(seed: seed)
        for _ in 0..<400 { simulation.step() }
        simulation.drain()
        #expect(simulation.findings == [], "seed \(seed)")
    }
}

/// The queue, what should be in it, and what was found wrong.
private struct Simulation {
    private struct Text: Hashable {
        let request: BatchRequestID
        let index: Int
    }

    private struct Waiting {
        let priority: BatchPriority
        let lane: Int
        let tokenCount: Int
        /// Batches of ingest texts, and of any, that were formed since it came.
        var ingestBatches = 0
        var batches = 0
    }

    private static let laneCount = 3

    private var random: SeededRandom
    private let bounds: BatchBounds
    private var queue: Queue
    private var waiting: [Text: Waiting] = [:]
    private var requestCount: UInt64 = 0

    var findings: [String] = []

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        bounds = BatchBounds(
            batchTokensMax: Int.random(in: 1...300, using: &random),
            queryTokensMax: Int.random(in: 300...2_000, using: &random),
            ingestTokensMax: Int.random(in: 300...5_000, using: &random)
        )
        queue = Queue(bounds: bounds)
    }

    mutating func step() {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3: enqueue(.query)
        case 3..<5: enqueue(.ingest)
        case 5: cancel()
        default: formBatch()
        }
        checkTokens()
    }

    mutating func drain() {
        queue.close()
        let action = queue.enqueue(
            BatchRequestID(.max),
            lane: 0,
            priority: .query,
            tokenCounts: [1]
        )
        if action != .refuseClosed { findings.append("a closed queue took a request") }
        while !queue.isEmpty { formBatch() }
        if !waiting.isEmpty { findings.append("\(waiting.count) texts were lost") }
        if queue.formBatch() != nil { findings.append("an empty queue gave a batch") }
    }

    private func waitingTokens(_ priority: BatchPriority) -> Int {
        waiting.values.reduce(0) { $0 + ($1.priority == priority ? $1.tokenCount : 0) }
    }

    private mutating func enqueue(_ priority: BatchPriority) {
        requestCount += 1
        let request = BatchRequestID(requestCount)
        let lane = Int.random(in: 0..<Self.laneCount, using: &random)
        let counts = (0..<Int.random(in: 1...12, using: &random)).map { _ in
            Int.random(in: 1...120, using: &random)
        }
        let before = waitingTokens(priority)
        let fits = before + counts.reduce(0, +) <= bounds.tokensMax(priority)
        switch queue.enqueue(request, lane: lane, priority: priority, tokenCounts: counts) {
        case .wakeWorkers:
            if !fits { findings.append("a request past the bound was taken") }
            for (index, count) in counts.enumerated() {
                waiting[Text(request: request, index: index)] = Waiting(
                    priority: priority,
                    lane: lane,
                    tokenCount: count
                )
            }
        case .refuseFull(let tokens):
            if fits { findings.append("a request within the bound was refused") }
            if tokens != before { findings.append("\(tokens) tokens reported, \(before) wait") }
        case .refuseClosed:
            findings.append("an open queue said that it is closed")
        }
    }

    private mutating func cancel() {
        guard let text = waiting.keys.min(by: { $0.request.number < $1.request.number }) else {
            return
        }
        // The oldest, or by its number one that is done already.
        let number = UInt64.random(in: text.request.number...requestCount, using: &random)
        let request = BatchRequestID(number)
        let isWaiting = waiting.keys.contains { $0.request == request }
        if queue.cancel(request) != isWaiting { findings.append("cancel gave the wrong answer") }
        waiting = waiting.filter { $0.key.request != request }
    }

    private mutating func formBatch() {
        guard let batch = queue.formBatch() else {
            if !waiting.isEmpty { findings.append("texts wait and no batch was formed") }
            return
        }
        checkBatch(batch)
        for item in batch.items {
            let text = Text(request: item.request, index: item.index)
            guard let known = waiting.removeValue(forKey: text) else {
                findings.append("a text was given twice, or after its cancellation")
                continue
            }
            checkWait(of: known)
        }
        for text in waiting.keys {
            waiting[text]?.batches += 1
            if batch.priority == .ingest { waiting[text]?.ingestBatches += 1 }
        }
    }

    private mutating func checkBatch(_ batch: Queue.Batch) {
        if batch.items.isEmpty { findings.append("a batch is empty") }
        if batch.tokenCount > bounds.batchTokensMax, batch.items.count > 1 {
            findings.append("a batch of \(batch.tokenCount) tokens is past its budget")
        }
        for item in batch.items {
            let text = Text(request: item.request, index: item.index)
            guard let known = waiting[text] else { continue }
            if known.lane != batch.lane || known.priority != batch.priority {
                findings.append("a batch mixes lanes or classes")
            }
        }
        // Longer after shorter is where one sweep ends in a batch and the next begins.
        let lengths = batch.items.map(\.tokenCount)
        let rises = zip(lengths, lengths.dropFirst()).count { $0 < $1 }
        if batch.priority == .ingest, rises > 1 {
            findings.append("ingest texts of one sweep are not longest first")
        }
    }

    private mutating func checkWait(of text: Waiting) {
        let queryBatches = text.batches - text.ingestBatches
        switch text.priority {
        case .query:
            // One at once, and one more for every four batches of queries.
            if text.ingestBatches > 1 + queryBatches / bounds.queryTurnsMax {
                findings.append(
                    "a query waited for \(text.ingestBatches) ingest batches and "
                        + "\(queryBatches) of queries"
                )
            }
        case .ingest:
            if queryBatches > bounds.queryTurnsMax * (text.ingestBatches + 1) {
                findings.append("an ingest text waited for \(queryBatches) batches of queries")
            }
            // Two sweeps of its own lane, beside which the other lanes take as many turns. Two
            // batches of a sweep, one after the other, hold more than a budget together.
            let sweep = 2 * bounds.ingestTokensMax / bounds.batchTokensMax + 2
            if text.ingestBatches > Self.laneCount * 2 * sweep {
                findings.append("an ingest text waited for \(text.ingestBatches) batches")
            }
        }
    }

    private mutating func checkTokens() {
        for priority in BatchPriority.allCases {
            let expected = waitingTokens(priority)
            let actual = queue.waitingTokens(priority)
            if actual != expected { findings.append("\(actual) tokens counted, \(expected) wait") }
            if actual > bounds.tokensMax(priority) { findings.append("a bound is broken") }
        }
        if queue.isEmpty != waiting.isEmpty { findings.append("isEmpty is wrong") }
    }
}
