package import Embedder
internal import Foundation

/// The inference threads, and the shell around the `BatchQueue` from which they take their work.
///
/// A free thread forms the best batch from what waits, at once: no timer holds a text back to wait
/// for company. Encoding is long, pure computation, so it runs on plain threads, one batch each,
/// and never on the cooperative pool.
///
/// Thread safety: all state is in a `Monitor`; batches run, and callers are resumed, outside it.
package final class BatchScheduler: Sendable {
    let monitor: Monitor<SchedulerState>
    let times: StageTimes
    let batchTokens: Histogram
    let batchTexts: Histogram

    /// Starts `threads` inference threads that live until `stop()`.
    package init(threads: Int, bounds: BatchBounds, metrics: Metrics) {
        monitor = Monitor(SchedulerState(bounds: bounds, threads: threads))
        times = StageTimes(metrics)
        batchTokens = metrics.histogram(
            "ragd_batch_tokens",
            help: "Tokens of an inference batch.",
            buckets: Histogram.sizeBuckets
        )
        batchTexts = metrics.histogram(
            "ragd_batch_texts",
            help: "Texts of an inference batch.",
            buckets: Histogram.sizeBuckets
        )
        exportQueueTokens(metrics)
        for index in 0..<threads {
            let thread = Thread { [self] in work() }
            thread.name = "inference-\(index)"
            thread.start()
        }
    }

    /// Tokens that wait in a class.
    package func waitingTokens(_ priority: BatchPriority) -> Int {
        monitor.withLock { $0.queue.waitingTokens(priority) }
    }

    /// Encodes texts, in batches shared with whoever else waits.
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
        guard !encodings.isEmpty else { return [] }
        let request = monitor.withLock { $0.nextRequest() }
        let lane = BatchLane(encoder: encoder, output: output)
        let outcome: SchedulerState.Outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let caller = SchedulerState.Caller(encodings, continuation: continuation)
                switch monitor.withLock({ $0.submit(request, caller, lane, priority) }) {
                case .wake(1): monitor.wakeOne()
                case .wake: monitor.wakeAll()
                case .fail(let error): continuation.resume(returning: .failure(error))
                }
            }
        } onCancel: {
            let caller = monitor.withLock { $0.cancel(request) }
            caller?.continuation.resume(returning: .failure(.cancelled))
        }
        monitor.withLock { $0.forget(request) }
        return try outcome.get()
    }

    /// Takes no more requests, encodes those that wait, and returns when the threads have ended.
    package func stop() async {
        await withCheckedContinuation { continuation in
            let isOver = monitor.withLock { state in
                state.queue.close()
                if state.threads > 0 { state.whenStopped.append(continuation) }
                return state.threads == 0
            }
            monitor.wakeAll()
            if isOver { continuation.resume() }
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
