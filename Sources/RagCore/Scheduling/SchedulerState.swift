internal import Embedder

/// What a `BatchScheduler` guards: who does what, who wants what, and what is known already.
struct SchedulerState: Sendable {
    typealias Outcome = Result<[EncodedText], RagError>
    typealias Continuation = CheckedContinuation<Outcome, Never>
    typealias Dispatcher = BatchDispatcher<BatchLane>

    /// A batch with its texts, and when each was first asked for.
    struct Work: Sendable {
        let batch: BatchQueue<BatchLane>.Batch
        let encodings: [Encoding]
        let arrivals: [ContinuousClock.Instant]
    }

    /// What a thread does next, as `BatchDispatcher` says, with all that it takes.
    enum Step: Sendable {
        case compute(Work)
        case lead(Dispatcher.SharedID, Work, parts: Int)
        case help(any SharedTextBatch, any TextEncoder)
        case linger
    }

    /// Somebody to resume, and with what.
    struct Answer: Sendable {
        let continuation: Continuation
        let outcome: Outcome
    }

    /// What the scheduler does after `submit`.
    enum SubmitAction: Sendable {
        /// Wake so many idle threads.
        case wake(Int)
        /// Resume the caller.
        case answer(Outcome)
    }

    /// What became of the texts of a request.
    struct Counts: Sendable {
        var cached = 0
        var joined = 0
        var new = 0
    }

    var dispatcher: Dispatcher
    var threads: Int
    var whenStopped: [CheckedContinuation<Void, Never>] = []

    /// By encoder: a token of a large model takes a hundred times as long as one of a small one.
    private var meters: [ObjectIdentifier: ThroughputMeter] = [:]
    private let workerCount: Int
    private var ledger = RequestLedger<TextKey, EncodedText>()
    private var cache: LRUCache<TextKey, EncodedText>
    private var continuations: [BatchRequestID: Continuation] = [:]
    private var shared: [Dispatcher.SharedID: (batch: any SharedTextBatch, lane: BatchLane)] = [:]
    /// Requests whose cancellation came before they did, or after their answer.
    private var cancelled: Set<BatchRequestID> = []
    private var requestCount: UInt64 = 0

    init(bounds: BatchBounds, cache: LRUCache<TextKey, EncodedText>, threads: Int) {
        dispatcher = Dispatcher(bounds: bounds, threads: threads)
        workerCount = threads
        self.cache = cache
        self.threads = threads
    }

    /// Whether nothing waits, runs, or is remembered but for the cache.
    var isIdle: Bool {
        dispatcher.isIdle && ledger.isEmpty && continuations.isEmpty && shared.isEmpty
            && cancelled.isEmpty
    }

    // MARK: - Requests

    mutating func nextRequest() -> BatchRequestID {
        requestCount += 1
        return BatchRequestID(requestCount)
    }

    /// A request arrives; all of its texts are of one lane and class.
    mutating func submit(
        _ request: BatchRequestID,
        _ keys: [TextKey],
        _ continuation: Continuation
    ) -> (SubmitAction, Counts) {
        var counts = Counts()
        guard let first = keys.first else { return (.answer(.success([])), counts) }
        guard !cancelled.contains(request) else { return (.answer(.failure(.cancelled)), counts) }
        let known = first.priority == .query ? keys.map { cache.value(for: $0) } : []
        counts.cached = known.count { $0 != nil }
        guard counts.cached < keys.count else {
            return (.answer(.success(known.compactMap(\.self))), counts)
        }
        let values = known.isEmpty ? Array(repeating: nil, count: keys.count) : known
        let new = ledger.add(request, keys: keys, values: values, now: .now)
        counts.new = new.count
        counts.joined = keys.count - counts.cached - counts.new
        let meter = meter(first.lane)
        let texts = new.map {
            // What texts share is computed once a batch at most, and often before it.
            let tokenCount = max(1, keys[$0.index].encoding.ownCount)
            return BatchText(
                $0.id,
                tokenCount: tokenCount,
                seconds: meter.seconds(tokens: tokenCount)
            )
        }
        switch dispatcher.enqueue(texts, lane: first.lane, priority: first.priority) {
        case .wake(let count):
            continuations[request] = continuation
            return (.wake(count), counts)
        case .refuseFull(let backlog):
            for text in ledger.remove(request) { ledger.drop(text) }
            return (.answer(.failure(.overloaded(backlog))), counts)
        case .refuseClosed:
            for text in ledger.remove(request) { ledger.drop(text) }
            return (.answer(.failure(.stopping)), counts)
        }
    }

    /// The caller to resume, unless the request is not there yet or has its answer already.
    mutating func cancel(_ request: BatchRequestID) -> Answer? {
        cancelled.insert(request)
        return fail(request, .cancelled)
    }

    /// The request's call returns; no cancellation can follow.
    mutating func forget(_ request: BatchRequestID) {
        cancelled.remove(request)
    }

    private mutating func fail(_ request: BatchRequestID, _ error: RagError) -> Answer? {
        // A text that is being computed stays in flight until its batch ends.
        for text in ledger.remove(request) where dispatcher.cancel(text) { ledger.drop(text) }
        return continuations.removeValue(forKey: request)
            .map { Answer(continuation: $0, outcome: .failure(error)) }
    }

    // MARK: - Time

    /// A thread took `seconds` for a batch.
    mutating func record(_ work: Work, seconds: Double) {
        var meter = meter(work.batch.lane)
        meter.record(tokens: work.batch.tokenCount, seconds: seconds)
        meters[ObjectIdentifier(work.batch.lane.encoder)] = meter
    }

    private func meter(_ lane: BatchLane) -> ThroughputMeter {
        meters[ObjectIdentifier(lane.encoder)] ?? ThroughputMeter(workerCount: workerCount)
    }

    // MARK: - Threads

    /// The next step of a free thread.
    mutating func nextStep(_ thread: Int, owesIngest: Bool) -> Step? {
        dispatcher.nextStep(thread, owesIngest: owesIngest).map { step($0) }
    }

    /// What a thread does in a pause of a batch of ingest.
    mutating func nextStepInPause(_ thread: Int) -> Step? {
        dispatcher.nextStepInPause(thread).map { step($0) }
    }

    /// A shared batch can be helped with.
    ///
    /// - Returns: how many idle threads to wake.
    mutating func open(
        _ id: Dispatcher.SharedID,
        _ batch: any SharedTextBatch,
        _ lane: BatchLane
    ) -> Int {
        shared[id] = (batch, lane)
        return dispatcher.open(id)
    }

    /// A shared batch has been computed, or could not be made.
    mutating func close(_ id: Dispatcher.SharedID) {
        shared[id] = nil
        dispatcher.close(id)
    }

    /// Gives a batch's results, or its error, to the requests that want its texts and to no other.
    ///
    /// - Returns: the callers to resume.
    mutating func finish(_ work: Work, _ outcome: Outcome) -> [Answer] {
        let texts = work.batch.texts.map(\.id)
        switch outcome {
        case .success(let results):
            return zip(texts, results).flatMap { text, result in
                if work.batch.priority == .query, let key = ledger.key(text) {
                    cache.insert(result, for: key, byteCount: key.byteCount + result.byteCount)
                }
                return ledger.finish(text, result).compactMap { answer in
                    continuations.removeValue(forKey: answer.request)
                        .map { Answer(continuation: $0, outcome: .success(answer.values)) }
                }
            }
        case .failure(let error):
            let answers = ledger.requests(wanting: texts).compactMap { fail($0, error) }
            for text in texts { ledger.drop(text) }
            return answers
        }
    }

    private func step(_ step: Dispatcher.Step) -> Step {
        switch step {
        case .compute(let batch): return .compute(work(batch))
        case .lead(let id, let batch, let parts): return .lead(id, work(batch), parts: parts)
        case .help(let id):
            guard let (batch, lane) = shared[id] else {
                preconditionFailure("batch \(id) is open and is not there")
            }
            return .help(batch, lane.encoder)
        case .linger: return .linger
        }
    }

    private func work(_ batch: BatchQueue<BatchLane>.Batch) -> Work {
        let known = batch.texts.map { text in
            guard let key = ledger.key(text.id), let arrival = ledger.arrival(text.id) else {
                preconditionFailure("text \(text.id.number) waits and is not in flight")
            }
            return (encoding: key.encoding, arrival: arrival)
        }
        return Work(batch: batch, encodings: known.map(\.encoding), arrivals: known.map(\.arrival))
    }
}

extension TextKey {
    /// Bytes in memory: what a cache counts, with about what an entry takes besides its arrays.
    fileprivate var byteCount: Int {
        let tokenByteCount = 2 * MemoryLayout<Int32>.stride + MemoryLayout<Range<Int>>.stride
        return 400 + encoding.count * tokenByteCount
    }
}

extension EncodedText {
    /// Bytes of the arrays.
    fileprivate var byteCount: Int {
        (vector.count + tokenVectors.count) * MemoryLayout<Float>.stride + tokenCodes.count
    }
}
