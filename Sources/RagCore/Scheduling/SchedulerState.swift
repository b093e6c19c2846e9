internal import Embedder

/// What texts must share to be in one batch: the encoder, and what is kept of its output.
struct BatchLane: Sendable, Hashable {
    let encoder: any TextEncoder
    let output: TokenVectorOutput

    static func == (first: BatchLane, second: BatchLane) -> Bool {
        first.encoder === second.encoder && first.output == second.output
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(encoder))
        hasher.combine(output)
    }
}

/// What a `BatchScheduler` guards: the queue, and the callers whose texts are in it or in a batch.
struct SchedulerState: Sendable {
    typealias Outcome = Result<[EncodedText], RagError>

    /// Somebody who waits for texts to be encoded.
    struct Caller: Sendable {
        let encodings: [Encoding]
        let arrival = ContinuousClock.now
        let continuation: CheckedContinuation<Outcome, Never>
        var results: [EncodedText?]
        var missingCount: Int

        init(_ encodings: [Encoding], continuation: CheckedContinuation<Outcome, Never>) {
            self.encodings = encodings
            self.continuation = continuation
            results = Array(repeating: nil, count: encodings.count)
            missingCount = encodings.count
        }
    }

    /// A batch with its texts, and when each of its requests came.
    struct Work: Sendable {
        let batch: BatchQueue<BatchLane>.Batch
        let encodings: [Encoding]
        let arrivals: [ContinuousClock.Instant]
    }

    /// What the scheduler does after `submit`.
    enum SubmitAction: Sendable {
        /// Wake so many workers.
        case wake(Int)
        /// Resume the caller with this error.
        case fail(RagError)
    }

    var queue: BatchQueue<BatchLane>
    var meter: ThroughputMeter
    var threads: Int
    var whenStopped: [CheckedContinuation<Void, Never>] = []

    private var callers: [BatchRequestID: Caller] = [:]
    /// Requests whose cancellation came before they did, or after their answer.
    private var cancelled: Set<BatchRequestID> = []
    private var requestCount: UInt64 = 0

    init(bounds: BatchBounds, threads: Int) {
        queue = BatchQueue(bounds: bounds)
        meter = ThroughputMeter(workerCount: threads)
        self.threads = threads
    }

    mutating func nextRequest() -> BatchRequestID {
        requestCount += 1
        return BatchRequestID(requestCount)
    }

    mutating func submit(
        _ request: BatchRequestID,
        _ caller: Caller,
        _ lane: BatchLane,
        _ priority: BatchPriority
    ) -> SubmitAction {
        guard !cancelled.contains(request) else { return .fail(.cancelled) }
        let tokenCounts = caller.encodings.map(\.ids.count)
        let action = queue.enqueue(
            request,
            lane: lane,
            priority: priority,
            tokenCounts: tokenCounts
        )
        switch action {
        case .wakeWorkers(let count):
            callers[request] = caller
            return .wake(count)
        case .refuseFull(let waiting):
            let seconds = meter.retryAfterSeconds(
                waitingTokens: waiting + tokenCounts.reduce(0, +)
            )
            return .fail(.overloaded(waitingTokens: waiting, retryAfterSeconds: seconds))
        case .refuseClosed:
            return .fail(.stopping)
        }
    }

    /// The caller to resume, unless the request is not there yet or has its answer already.
    mutating func cancel(_ request: BatchRequestID) -> Caller? {
        cancelled.insert(request)
        queue.cancel(request)
        return callers.removeValue(forKey: request)
    }

    /// The request's call returns; no cancellation can follow.
    mutating func forget(_ request: BatchRequestID) {
        cancelled.remove(request)
    }

    /// The next batch, if anything waits.
    mutating func nextWork() -> Work? {
        guard let batch = queue.formBatch() else { return nil }
        let owners = batch.items.map { item -> Caller in
            guard let caller = callers[item.request] else {
                preconditionFailure("request \(item.request.number) has texts but no caller")
            }
            return caller
        }
        return Work(
            batch: batch,
            encodings: zip(owners, batch.items).map { $0.encodings[$1.index] },
            arrivals: owners.map(\.arrival)
        )
    }

    /// Gives a batch's results, or its error, to the callers that own its texts and to no other.
    ///
    /// - Returns: the callers to resume, those whose last text this was.
    mutating func finish(
        _ batch: BatchQueue<BatchLane>.Batch,
        _ outcome: Outcome
    ) -> [(Caller, Outcome)] {
        switch outcome {
        case .success(let results):
            return zip(batch.items, results).compactMap { deliver($1, to: $0) }
        case .failure(let error):
            return Set(batch.items.map(\.request)).compactMap { request in
                queue.cancel(request)
                return callers.removeValue(forKey: request).map { ($0, .failure(error)) }
            }
        }
    }

    private mutating func deliver(
        _ result: EncodedText,
        to item: BatchQueue<BatchLane>.Item
    ) -> (Caller, Outcome)? {
        // A cancelled request, or one that an earlier batch failed, has no caller any more.
        guard var caller = callers.removeValue(forKey: item.request) else { return nil }
        precondition(caller.results[item.index] == nil, "text \(item.index) was encoded twice")
        caller.results[item.index] = result
        caller.missingCount -= 1
        if caller.missingCount == 0 {
            return (caller, .success(caller.results.compactMap(\.self)))
        }
        callers[item.request] = caller
        return nil
    }
}
