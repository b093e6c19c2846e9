internal import Embedder

// The inference threads' side of the scheduler.
extension BatchScheduler {
    /// A thread's life: batches until the queue is closed and empty.
    func work() {
        var sessions: [ObjectIdentifier: any TextEncoderSession] = [:]
        while let work = nextWork() {
            let encoder = work.batch.lane.encoder
            let session = sessions[ObjectIdentifier(encoder)] ?? encoder.makeSession()
            sessions[ObjectIdentifier(encoder)] = session
            run(work, in: session)
        }
        let waiting = monitor.withLock { state in
            state.threads -= 1
            return state.threads == 0 ? state.whenStopped : []
        }
        for continuation in waiting { continuation.resume() }
    }

    private func nextWork() -> SchedulerState.Work? {
        monitor.wait { state -> SchedulerState.Work?? in
            guard let work = state.nextWork() else { return state.queue.isOpen ? nil : .some(nil) }
            return .some(work)
        }
    }

    private func run(_ work: SchedulerState.Work, in session: any TextEncoderSession) {
        let start = ContinuousClock.now
        for arrival in work.arrivals { times.observe(.queue, arrival.duration(to: start)) }
        let outcome: SchedulerState.Outcome
        do throws(EmbedderError) {
            let results = try session.encode(work.encodings, output: work.batch.lane.output)
            precondition(results.count == work.encodings.count, "an encoder lost a text")
            outcome = .success(results)
        } catch {
            outcome = .failure(RagError(error))
        }
        let duration = start.duration(to: .now)
        times.observe(.embed, duration)
        batchTokens.observe(Double(work.batch.tokenCount))
        batchTexts.observe(Double(work.batch.items.count))
        let finished = monitor.withLock { state in
            state.meter.record(tokens: work.batch.tokenCount, seconds: duration.seconds)
            return state.finish(work.batch, outcome)
        }
        for (caller, outcome) in finished { caller.continuation.resume(returning: outcome) }
    }
}
