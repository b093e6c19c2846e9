import RagCore
import TestSupport
import Testing

private typealias Queue = BatchQueue<Int>

/// A queue under random arrivals, cancellations and threads, beside a model that forgets nothing.
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
    private struct Waiting {
        let priority: BatchPriority
        let lane: Int
        let tokenCount: Int
        /// Tokens of its own lane and class that went before it.
        var tokensBefore = 0
        /// Batches of its class and of other lanes, since the last of its own.
        var otherBatches = 0
    }

    private static let laneCount = 3

    private var random: SeededRandom
    private let bounds: BatchBounds
    private var queue: Queue
    private var waiting: [BatchTextID: Waiting] = [:]
    private var textCount: UInt64 = 0

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
        default: formBatch(Bool.random(using: &random) ? .query : .ingest)
        }
        checkCounts()
    }

    mutating func drain() {
        queue.close()
        let text = BatchText(BatchTextID(.max), tokenCount: 1)
        if queue.enqueue([text], lane: 0, priority: .query) != .closed {
            findings.append("a closed queue took a text")
        }
        for priority in BatchPriority.allCases {
            while queue.waitingTexts(priority) > 0 { formBatch(priority) }
            if queue.formBatch(priority) != nil { findings.append("an empty queue gave a batch") }
        }
        if !waiting.isEmpty { findings.append("\(waiting.count) texts were lost") }
        if !queue.isEmpty { findings.append("a queue without texts is not empty") }
    }

    private func waitingTokens(_ priority: BatchPriority) -> Int {
        waiting.values.reduce(0) { $0 + ($1.priority == priority ? $1.tokenCount : 0) }
    }

    private mutating func enqueue(_ priority: BatchPriority) {
        let lane = Int.random(in: 0..<Self.laneCount, using: &random)
        let texts = (0..<Int.random(in: 1...12, using: &random)).map { _ in
            textCount += 1
            return BatchText(
                BatchTextID(textCount),
                tokenCount: Int.random(in: 1...120, using: &random)
            )
        }
        let before = waitingTokens(priority)
        let fits = before + texts.reduce(0) { $0 + $1.tokenCount } <= bounds.tokensMax(priority)
        switch queue.enqueue(texts, lane: lane, priority: priority) {
        case .taken:
            if !fits { findings.append("texts past the bound were taken") }
            for text in texts {
                waiting[text.id] = Waiting(
                    priority: priority,
                    lane: lane,
                    tokenCount: text.tokenCount
                )
            }
        case .full(let backlog):
            if fits { findings.append("texts within the bound were refused") }
            if backlog.tokenCount != before {
                findings.append("\(backlog.tokenCount) tokens reported, \(before) wait")
            }
        case .closed:
            findings.append("an open queue said that it is closed")
        }
    }

    private mutating func cancel() {
        guard let oldest = waiting.keys.min() else { return }
        // Half of the time one that is done already.
        for number in oldest.number...min(oldest.number + 8, textCount)
        where Bool.random(using: &random) {
            let text = BatchTextID(number)
            let isWaiting = waiting.removeValue(forKey: text) != nil
            if queue.cancel(text) != isWaiting { findings.append("cancel gave the wrong answer") }
        }
    }

    private mutating func formBatch(_ priority: BatchPriority) {
        let threads = Int.random(in: 1...4, using: &random)
        let tokensBefore = waitingTokens(priority)
        guard let batch = queue.formBatch(priority, threads: threads) else {
            if tokensBefore > 0 { findings.append("texts wait and no batch was formed") }
            return
        }
        check(batch, priority, share: (tokensBefore + threads - 1) / threads)
        for text in batch.texts {
            guard let known = waiting.removeValue(forKey: text.id) else {
                findings.append("a text was given twice, or after its cancellation")
                continue
            }
            checkWait(of: known)
        }
        for (id, text) in waiting where text.priority == priority {
            if text.lane == batch.lane {
                waiting[id]?.tokensBefore += batch.tokenCount
                waiting[id]?.otherBatches = 0
                if priority == .query, let last = batch.texts.last, id < last.id {
                    findings.append("a query was passed by a later one")
                }
            } else {
                waiting[id]?.otherBatches += 1
            }
        }
    }

    private mutating func check(_ batch: Queue.Batch, _ priority: BatchPriority, share: Int) {
        if batch.texts.isEmpty { findings.append("a batch is empty") }
        if batch.priority != priority { findings.append("a batch is of the wrong class") }
        if batch.tokenCount > min(bounds.batchTokensMax, share), batch.texts.count > 1 {
            findings.append("a batch of \(batch.tokenCount) tokens is past its budget")
        }
        for text in batch.texts {
            guard let known = waiting[text.id] else { continue }
            if known.lane != batch.lane || known.priority != batch.priority {
                findings.append("a batch mixes lanes or classes")
            }
        }
        // Longer after shorter is where one sweep ends in a batch and the next begins.
        let lengths = batch.texts.map(\.tokenCount)
        let rises = zip(lengths, lengths.dropFirst()).count { $0 < $1 }
        if priority == .ingest, rises > 1 {
            findings.append("ingest texts of one sweep are not longest first")
        }
    }

    private mutating func checkWait(of text: Waiting) {
        guard text.priority == .ingest else { return }
        // Two sweeps, neither of which is more than may wait.
        if text.tokensBefore > 2 * bounds.ingestTokensMax {
            findings.append("an ingest text waited for \(text.tokensBefore) tokens")
        }
        if text.otherBatches >= Self.laneCount {
            findings.append("a lane was passed over \(text.otherBatches) times")
        }
    }

    private mutating func checkCounts() {
        for priority in BatchPriority.allCases {
            let expected = waitingTokens(priority)
            let actual = queue.waitingTokens(priority)
            if actual != expected { findings.append("\(actual) tokens counted, \(expected) wait") }
            if actual > bounds.tokensMax(priority) { findings.append("a bound is broken") }
            let count = waiting.values.count { $0.priority == priority }
            if queue.waitingTexts(priority) != count { findings.append("texts are miscounted") }
        }
        if queue.isEmpty != waiting.isEmpty { findings.append("isEmpty is wrong") }
    }
}
