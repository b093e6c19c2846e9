import RagCore
import TestSupport

/// A `BatchDispatcher` with threads and an encoder that exist in a virtual clock only.
///
/// A tick is 100 µs. An ingest token takes a tick, a query token half of one; a batch of ingest
/// pauses every ten ticks; threads that share a batch take its ticks from one pot.
struct DispatchSimulation {
    typealias Dispatcher = BatchDispatcher<Int>
    typealias Batch = BatchQueue<Int>.Batch

    private enum Job {
        case compute(Batch, ticks: Int)
        case lead(Dispatcher.SharedID, Batch)
        case help(Dispatcher.SharedID)
    }

    private struct Thread {
        var isAwake = false
        var ingest: Batch?
        var ingestTicks = 0
        var job: Job?
        /// Whether ingest waits while the job is done.
        var jobPassesIngest = false
        var share = IngestShare()
        var ticksOfIngest = 0
        var ticksOfQueries = 0
    }

    private static let tick = Duration.microseconds(100)
    private static let ticksPerStep = 10

    private(set) var dispatcher: Dispatcher
    private var threads: [Thread]
    /// Ticks left in each shared batch, and who has come.
    private var pots: [Dispatcher.SharedID: (ticks: Int, parts: Int, helpers: Int)] = [:]
    private var waiting: [BatchTextID: (arrival: Int, priority: BatchPriority)] = [:]
    private var running: Set<BatchTextID> = []
    private var textCount: UInt64 = 0
    private(set) var now = 0

    /// Ticks from each query's arrival to its batch.
    private(set) var queryTicks: [Int] = []
    private(set) var doneCount = 0
    private(set) var findings: Set<String> = []

    init(threads: Int, bounds: BatchBounds) {
        dispatcher = Dispatcher(bounds: bounds, threads: threads)
        self.threads = Array(repeating: Thread(), count: threads)
    }

    var isDone: Bool { waiting.isEmpty && running.isEmpty }

    var acceptedCount: Int { Int(textCount) }

    /// The part of each thread's busy time that went to ingest.
    var ingestShares: [Double] {
        threads.map { Double($0.ticksOfIngest) / Double($0.ticksOfIngest + $0.ticksOfQueries) }
    }

    func waitingTexts(_ priority: BatchPriority) -> Int {
        dispatcher.queue.waitingTexts(priority)
    }

    // MARK: - Events

    mutating func enqueue(_ priority: BatchPriority, _ tokenCounts: [Int], lane: Int = 0) {
        let texts = tokenCounts.enumerated().map { index, count in
            BatchText(BatchTextID(textCount + 1 + UInt64(index)), tokenCount: count)
        }
        guard case .wake(let count) = dispatcher.enqueue(texts, lane: lane, priority: priority)
        else { return }
        textCount += UInt64(texts.count)
        for text in texts { waiting[text.id] = (now, priority) }
        wake(count)
    }

    mutating func cancelOne(using random: inout SeededRandom) {
        guard let text = (waiting.keys.sorted() + running.sorted()).randomElement(using: &random)
        else { return }
        let waited = waiting.removeValue(forKey: text) != nil
        if dispatcher.cancel(text) != waited { findings.insert("cancel gave the wrong answer") }
        if waited { doneCount += 1 }
    }

    mutating func step() {
        now += 1
        for thread in threads.indices { step(thread) }
        let sleeping = threads.allSatisfy { $0.ingest == nil && $0.job == nil && !$0.isAwake }
        if sleeping, !waiting.isEmpty { findings.insert("texts wait and every thread sleeps") }
    }

    private mutating func wake(_ count: Int) {
        var count = count
        for index in threads.indices where count > 0 && isAsleep(index) {
            threads[index].isAwake = true
            count -= 1
        }
    }

    private func isAsleep(_ index: Int) -> Bool {
        !threads[index].isAwake && threads[index].ingest == nil && threads[index].job == nil
    }

    // MARK: - One thread for one tick

    private mutating func step(_ index: Int) {
        if threads[index].job != nil {
            work(index)
        } else if threads[index].ingest != nil {
            ingest(index)
        } else if threads[index].isAwake {
            let due = threads[index].share.isDue
            guard let step = dispatcher.nextStep(index, owesIngest: due) else {
                threads[index].isAwake = false
                return
            }
            begin(step, index)
            threads[index].jobPassesIngest = waitingTexts(.ingest) > 0
            if due, waitingTexts(.ingest) > 0, threads[index].ingest == nil {
                findings.insert("ingest was due and did not go")
            }
        }
    }

    private mutating func begin(_ step: Dispatcher.Step, _ index: Int) {
        switch step {
        case .compute(let batch) where batch.priority == .ingest:
            take(batch)
            threads[index].ingest = batch
            threads[index].ingestTicks = batch.tokenCount
        case .compute(let batch):
            take(batch)
            threads[index].job = .compute(batch, ticks: (batch.tokenCount + 1) / 2)
        case .lead(let id, let batch, let parts):
            take(batch)
            threads[index].job = .lead(id, batch)
            pots[id] = ((batch.tokenCount + 1) / 2, parts, 1)
            wake(dispatcher.open(id))
        case .help(let id):
            threads[index].job = .help(id)
            guard let pot = pots[id] else {
                findings.insert("a batch that is over was helped with")
                return
            }
            if pot.helpers == pot.parts { findings.insert("more helpers than parts") }
            pots[id]?.helpers += 1
        case .linger: break
        }
    }

    private mutating func ingest(_ index: Int) {
        threads[index].ticksOfIngest += 1
        threads[index].ingestTicks -= 1
        threads[index].share.ingestTook(Self.tick)
        guard threads[index].ingestTicks > 0 else {
            if let batch = threads[index].ingest { finish(batch) }
            threads[index].ingest = nil
            threads[index].isAwake = true
            return
        }
        if threads[index].ingestTicks.isMultiple(of: Self.ticksPerStep) { pause(index) }
    }

    private mutating func pause(_ index: Int) {
        guard dispatcher.hasQueryWork, !threads[index].share.isDue else { return }
        if let step = dispatcher.nextStepInPause(index) {
            begin(step, index)
            threads[index].jobPassesIngest = true
        }
    }

    private mutating func work(_ index: Int) {
        threads[index].ticksOfQueries += 1
        if threads[index].jobPassesIngest { threads[index].share.queriesTook(Self.tick) }
        switch threads[index].job {
        case .compute(let batch, let ticks):
            threads[index].job = .compute(batch, ticks: ticks - 1)
            if ticks == 1 { end(index, batch) }
        case .lead(let id, let batch):
            pots[id]?.ticks -= 1
            guard let pot = pots[id], pot.ticks <= 0 else { return }
            pots[id] = nil
            dispatcher.close(id)
            end(index, batch)
        case .help(let id):
            pots[id]?.ticks -= 1
            if (pots[id]?.ticks ?? 0) <= 0 { end(index, nil) }
        case nil: break
        }
    }

    private mutating func end(_ index: Int, _ batch: Batch?) {
        if let batch { finish(batch) }
        threads[index].job = nil
        guard threads[index].ingest != nil else {
            threads[index].isAwake = true
            return
        }
        guard !threads[index].share.isDue, let step = dispatcher.nextStepInPause(index) else {
            return
        }
        begin(step, index)
    }

    private mutating func take(_ batch: Batch) {
        for text in batch.texts {
            guard let known = waiting.removeValue(forKey: text.id) else {
                findings.insert("a text was given twice, or after its cancellation")
                continue
            }
            running.insert(text.id)
            if known.priority == .query {
                queryTicks.append(now - known.arrival)
            }
        }
    }

    private mutating func finish(_ batch: Batch) {
        for text in batch.texts {
            if running.remove(text.id) == nil { findings.insert("a text was computed twice") }
            doneCount += 1
        }
    }
}
