/// Which texts wait for a server, which go together in its next request, and who wants them.
///
/// A value without locks, clocks or tasks; `RemoteScheduler` is the shell that runs its actions. It is
/// to requests in flight what `SchedulerState` is to threads, and made of the same parts.
///
/// - A request goes as soon as there is room for it in flight, with whatever waits: no timer holds a
///   text back to wait for company.
/// - Of the room in flight one place is kept for queries and one for ingest, so that neither waits for
///   the end of the other's work; where both could go, queries do.
/// - A text that is in flight is joined, and a query that was answered of late is known.
package struct RemoteQueue: Sendable {
    /// What texts must share to be in one request.
    package enum Lane: Sendable, Hashable {
        /// To be embedded.
        case texts
        /// To be scored for a query.
        case passages(query: String)
    }

    /// A text that waits, with what it costs.
    package struct Text: Sendable, Hashable {
        package let text: String
        /// Counted, or estimated where there is no tokenizer to count.
        package let tokenCount: Int

        package init(_ text: String, tokenCount: Int) {
            self.text = text
            self.tokenCount = tokenCount
        }
    }

    /// Texts of one request.
    package struct Batch: Sendable {
        package let number: UInt64
        package let lane: Lane
        package let priority: BatchPriority
        package let texts: [String]
        package let tokenCount: Int
        fileprivate let ids: [BatchTextID]
    }

    package typealias Outcome = Result<[[Float]], RagError>
    package typealias Continuation = CheckedContinuation<Outcome, Never>

    /// Somebody to resume, and with what.
    package struct Answer: Sendable {
        package let continuation: Continuation
        package let outcome: Outcome
    }

    /// What is to be done: callers to resume, and requests to make.
    package struct Actions: Sendable {
        package var answers: [Answer] = []
        package var batches: [Batch] = []
    }

    fileprivate struct Key: Sendable, Hashable {
        let lane: Lane
        let priority: BatchPriority
        let text: String
    }

    private let requestsMax: Int
    private var queue: BatchQueue<Lane>
    private var meter: ThroughputMeter
    private var ledger = RequestLedger<Key, [Float]>()
    private var cache: LRUCache<Key, [Float]>
    private var continuations: [BatchRequestID: Continuation] = [:]
    /// Requests whose cancellation came before they did, or after their answer.
    private var cancelled: Set<BatchRequestID> = []
    private var running: [BatchPriority: Int] = [:]
    private var requestCount: UInt64 = 0
    private var batchCount: UInt64 = 0

    /// Makes an empty queue.
    ///
    /// - Parameters:
    ///   - bounds: of a request, and of what may wait.
    ///   - requestsMax: requests in flight, at least 2.
    ///   - cacheEntriesMax: query texts whose answers are kept.
    ///   - cacheByteCountMax: bytes of those answers.
    package init(
        bounds: BatchBounds,
        requestsMax: Int,
        cacheEntriesMax: Int,
        cacheByteCountMax: Int
    ) {
        precondition(
            requestsMax >= 2,
            "\(requestsMax) requests in flight leave a class without one"
        )
        self.requestsMax = requestsMax
        queue = BatchQueue(bounds: bounds)
        meter = ThroughputMeter(workerCount: requestsMax - 1)
        cache = LRUCache(entriesMax: cacheEntriesMax, byteCountMax: cacheByteCountMax)
    }

    /// Whether texts wait or are in flight.
    package var hasWork: Bool { !queue.isEmpty || runningCount > 0 }

    /// Whether nothing waits, is in flight, or is remembered but for recent queries.
    package var isIdle: Bool {
        !hasWork && ledger.isEmpty && continuations.isEmpty && cancelled.isEmpty
    }

    /// Tokens that wait in a class.
    package func waitingTokens(_ priority: BatchPriority) -> Int { queue.waitingTokens(priority) }

    // MARK: - Requests

    /// A number for a request that is about to come.
    package mutating func nextRequest() -> BatchRequestID {
        requestCount += 1
        return BatchRequestID(requestCount)
    }

    /// A request arrives.
    package mutating func submit(
        _ request: BatchRequestID,
        _ texts: [Text],
        lane: Lane,
        priority: BatchPriority,
        _ continuation: Continuation
    ) -> Actions {
        func answered(_ outcome: Outcome) -> Actions {
            Actions(answers: [Answer(continuation: continuation, outcome: outcome)])
        }
        guard !texts.isEmpty else { return answered(.success([])) }
        guard !cancelled.contains(request) else { return answered(.failure(.cancelled)) }
        let keys = texts.map { Key(lane: lane, priority: priority, text: $0.text) }
        let known = keys.map { priority == .query ? cache.value(for: $0) : nil }
        guard known.contains(where: { $0 == nil }) else {
            return answered(.success(known.compactMap(\.self)))
        }
        let new = ledger.add(request, keys: keys, values: known, now: .now)
        let waiting = new.map { text in
            let tokenCount = max(1, texts[text.index].tokenCount)
            return BatchText(
                text.id,
                tokenCount: tokenCount,
                seconds: meter.seconds(tokens: tokenCount)
            )
        }
        switch queue.enqueue(waiting, lane: lane, priority: priority) {
        case .taken:
            continuations[request] = continuation
            return Actions(batches: startable())
        case .full(let backlog):
            for text in ledger.remove(request) { ledger.drop(text) }
            return answered(.failure(.overloaded(backlog)))
        case .closed:
            for text in ledger.remove(request) { ledger.drop(text) }
            return answered(.failure(.stopping))
        }
    }

    /// The caller to resume, unless the request is not there yet or has its answer already.
    package mutating func cancel(_ request: BatchRequestID) -> Answer? {
        cancelled.insert(request)
        return fail(request, .cancelled)
    }

    /// The request's call returns; no cancellation can follow.
    package mutating func forget(_ request: BatchRequestID) {
        cancelled.remove(request)
    }

    /// No more requests are taken.
    package mutating func close() {
        queue.close()
    }

    // MARK: - Batches

    /// A request has been made, with one outcome for each of its texts.
    package mutating func finish(
        _ batch: Batch,
        _ outcomes: [Result<[Float], RagError>],
        seconds: Double
    ) -> Actions {
        precondition(outcomes.count == batch.ids.count, "a text of a batch has no outcome")
        running[batch.priority, default: 0] -= 1
        var answers: [Answer] = []
        var hasSucceeded = false
        for (id, outcome) in zip(batch.ids, outcomes) {
            switch outcome {
            case .success(let value):
                hasSucceeded = true
                if batch.priority == .query, let key = ledger.key(id) {
                    cache.insert(value, for: key, byteCount: key.byteCount + value.byteCount)
                }
                answers += ledger.finish(id, value).compactMap { answer in
                    continuations.removeValue(forKey: answer.request)
                        .map { Answer(continuation: $0, outcome: .success(answer.values)) }
                }
            case .failure(let error):
                answers += ledger.requests(wanting: [id]).compactMap { fail($0, error) }
                ledger.drop(id)
            }
        }
        // A server that refuses connections does so at once, which says nothing of its speed.
        if hasSucceeded { meter.record(tokens: batch.tokenCount, seconds: seconds) }
        return Actions(answers: answers, batches: startable())
    }

    private mutating func fail(_ request: BatchRequestID, _ error: RagError) -> Answer? {
        // A text that is in flight stays so until its request ends.
        for text in ledger.remove(request) where queue.cancel(text) { ledger.drop(text) }
        return continuations.removeValue(forKey: request)
            .map { Answer(continuation: $0, outcome: .failure(error)) }
    }

    private var runningCount: Int { running.values.reduce(0, +) }

    /// As many batches as there is room for in flight.
    private mutating func startable() -> [Batch] {
        var batches: [Batch] = []
        while let priority = nextPriority, let formed = queue.formBatch(priority) {
            running[priority, default: 0] += 1
            batchCount += 1
            batches.append(
                Batch(
                    number: batchCount,
                    lane: formed.lane,
                    priority: priority,
                    texts: formed.texts.map { text in
                        guard let key = ledger.key(text.id) else {
                            preconditionFailure("text \(text.id.number) waits and is not in flight")
                        }
                        return key.text
                    },
                    tokenCount: formed.tokenCount,
                    ids: formed.texts.map(\.id)
                )
            )
        }
        return batches
    }

    private var nextPriority: BatchPriority? {
        guard runningCount < requestsMax else { return nil }
        return [BatchPriority.query, .ingest].first { priority in
            queue.waitingTexts(priority) > 0 && running[priority, default: 0] < requestsMax - 1
        }
    }
}

extension RemoteQueue.Key {
    /// Bytes in memory, with about what an entry takes besides its text.
    fileprivate var byteCount: Int {
        switch lane {
        case .texts: 400 + text.utf8.count
        case .passages(let query): 400 + text.utf8.count + query.utf8.count
        }
    }
}

extension [Float] {
    fileprivate var byteCount: Int { count * MemoryLayout<Float>.stride }
}
