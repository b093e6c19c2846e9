package import Embedder
internal import Foundation
internal import Synchronization

/// The inference threads, and the shell around the values that say what they do.
///
/// `BatchDispatcher` decides who computes what, `RequestLedger` knows who wants it, `IngestShare`
/// what each thread owes to whom. A free thread takes what waits at once: no timer holds a text back
/// to wait for company. Encoding is long, pure computation, so it runs on plain threads
/// (`InferenceThread`) and never on the cooperative pool.
///
/// Thread safety: all state is in a `Monitor`; batches run, and callers are resumed, outside it.
package final class BatchScheduler: Sendable {
    let metrics: SchedulerMetrics
    private let monitor: Monitor<SchedulerState>
    /// What a batch of ingest looks at in each pause, without the lock.
    private let queryWork = Atomic(false)

    /// Starts `threads` inference threads that live until `stop()`.
    package init(
        threads: Int,
        bounds: BatchBounds,
        cacheEntriesMax: Int = 0,
        cacheByteCountMax: Int = 0,
        metrics: Metrics
    ) {
        let cache = LRUCache<TextKey, EncodedText>(
            entriesMax: cacheEntriesMax,
            byteCountMax: cacheByteCountMax
        )
        monitor = Monitor(SchedulerState(bounds: bounds, cache: cache, threads: threads))
        self.metrics = SchedulerMetrics(metrics)
        exportQueueTokens(metrics)
        for index in 0..<threads {
            let thread = Thread { [self] in
                InferenceThread(self, index: index).run()
                end()
            }
            thread.name = "inference-\(index)"
            thread.start()
        }
    }

    /// Tokens that wait in a class.
    package func waitingTokens(_ priority: BatchPriority) -> Int {
        monitor.withLock { $0.dispatcher.queue.waitingTokens(priority) }
    }

    /// Whether nothing waits, runs, or is remembered but for recent queries.
    package var isIdle: Bool { monitor.withLock { $0.isIdle } }

    /// Encodes texts, in batches shared with whoever else waits.
    ///
    /// A text that is in flight already is not encoded again, nor, in the query class, one that was
    /// encoded of late.
    ///
    /// - Parameters:
    ///   - encodings: the texts' token ids.
    ///   - encoder: the model.
    ///   - output: which token vectors are wanted besides the text's own.
    ///   - priority: the class to wait in.
    /// - Returns: one result a text, in order.
    /// - Throws: `overloaded` when the class is full, `unavailable` after `stop()`, `cancelled`
    ///   when the task was, and the encoder's own error when a batch with one of the texts failed.
    package func encode(
        _ encodings: [Encoding],
        with encoder: any TextEncoder,
        output: TokenVectorOutput,
        priority: BatchPriority
    ) async throws(RagError) -> [EncodedText] {
        let lane = BatchLane(encoder: encoder, output: output)
        let keys = encodings.map { TextKey($0, lane: lane, priority: priority) }
        let request = monitor.withLock { $0.nextRequest() }
        let outcome: SchedulerState.Outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (action, counts) = update { $0.submit(request, keys, continuation) }
                switch action {
                case .wake(let count): monitor.wake(count)
                case .answer(let outcome): continuation.resume(returning: outcome)
                }
                metrics.countRequest(counts, priority)
            }
        } onCancel: {
            let answer = update { $0.cancel(request) }
            answer?.continuation.resume(returning: .failure(.cancelled))
        }
        monitor.withLock { $0.forget(request) }
        return try outcome.get()
    }

    /// Takes no more requests, encodes those that wait, and returns when the threads have ended.
    package func stop() async {
        await withCheckedContinuation { continuation in
            let isOver = monitor.withLock { state in
                state.dispatcher.close()
                if state.threads > 0 { state.whenStopped.append(continuation) }
                return state.threads == 0
            }
            monitor.wakeAll()
            if isOver { continuation.resume() }
        }
    }

    // MARK: - Threads

    /// Whether a thread that pauses would find queries to compute; nearly free.
    var hasQueryWork: Bool {
        // Relaxed: a thread that sees it late sees it in its next pause.
        queryWork.load(ordering: .relaxed)
    }

    /// A free thread's next step, and whether ingest waits while it is done; sleeps until there is
    /// one.
    ///
    /// - Returns: `nil` when the scheduler has stopped.
    func nextStep(
        _ thread: Int,
        owesIngest: Bool
    ) -> (step: SchedulerState.Step, passesIngest: Bool)? {
        monitor.wait { state -> (SchedulerState.Step, Bool)?? in
            defer { queryWork.store(state.dispatcher.hasQueryWork, ordering: .relaxed) }
            guard let step = state.nextStep(thread, owesIngest: owesIngest) else {
                return state.dispatcher.queue.isOpen ? nil : .some(nil)
            }
            return .some((step, state.dispatcher.queue.waitingTexts(.ingest) > 0))
        }
    }

    /// What a thread does in a pause; `nil` when it goes on with its batch.
    func nextStepInPause(_ thread: Int) -> SchedulerState.Step? {
        update { $0.nextStepInPause(thread) }
    }

    /// Lets other threads help with a batch.
    func open(
        _ id: SchedulerState.Dispatcher.SharedID,
        _ batch: any SharedTextBatch,
        _ lane: BatchLane
    ) {
        monitor.wake(update { $0.open(id, batch, lane) })
    }

    /// Lets no more threads help with a batch.
    func close(_ id: SchedulerState.Dispatcher.SharedID) {
        update { $0.close(id) }
    }

    /// Resumes the callers whose last texts these were.
    func finish(
        _ work: SchedulerState.Work,
        _ outcome: SchedulerState.Outcome,
        after duration: Duration
    ) {
        metrics.times.observe(.embed, duration)
        let answers = update { state in
            state.record(work, seconds: duration.seconds)
            return state.finish(work, outcome)
        }
        for answer in answers { answer.continuation.resume(returning: answer.outcome) }
    }

    private func end() {
        let waiting = monitor.withLock { state in
            state.threads -= 1
            return state.threads == 0 ? state.whenStopped : []
        }
        for continuation in waiting { continuation.resume() }
    }

    private func update<Value>(_ body: (inout SchedulerState) -> Value) -> Value {
        monitor.withLock { state in
            defer { queryWork.store(state.dispatcher.hasQueryWork, ordering: .relaxed) }
            return body(&state)
        }
    }

    private func exportQueueTokens(_ metrics: Metrics) {
        let gauges = BatchPriority.allCases.map { priority in
            let gauge = metrics.gauge(
                "ragd_queue_tokens",
                help: "Tokens that wait for the encoder.",
                labels: ["class": priority.rawValue]
            )
            return (priority, gauge)
        }
        metrics.beforeExport { [weak self] in
            for (priority, gauge) in gauges {
                gauge.set(Double(self?.waitingTokens(priority) ?? 0))
            }
        }
    }
}
