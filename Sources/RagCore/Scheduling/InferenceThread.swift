internal import Embedder
internal import Kernels

/// One inference thread: asks the scheduler for its next step, and does it.
///
/// Not `Sendable`: it is made on its thread, and never leaves it.
final class InferenceThread {
    private typealias Step = SchedulerState.Step
    private typealias Work = SchedulerState.Work

    /// Where a step is done: a batch of ingest that pauses keeps its session.
    private enum Place: Hashable {
        case free
        case pause
    }

    private struct SessionKey: Hashable {
        let encoder: ObjectIdentifier
        let place: Place
    }

    /// Some 20 µs.
    private static let lingerSpins = 500

    private let scheduler: BatchScheduler
    private let index: Int
    private var share = IngestShare()
    /// Whether queries were computed in the pause before.
    private var hasTakenQueries = false
    private var sessions: [SessionKey: any TextEncoderSession] = [:]

    init(_ scheduler: BatchScheduler, index: Int) {
        self.scheduler = scheduler
        self.index = index
    }

    /// The thread's life: steps until the scheduler has no more to give.
    func run() {
        TimeSlice.long.request()
        while let (step, passesIngest) = scheduler.nextStep(index, owesIngest: share.isDue) {
            if case .compute(let work) = step, work.batch.priority == .ingest {
                computeIngest(work)
            } else {
                let duration = perform(step, in: .free)
                if passesIngest { share.queriesTook(duration) }
            }
        }
    }

    /// Computes a batch of ingest, and queries in its pauses.
    private func computeIngest(_ work: Work) {
        let start = ContinuousClock.now
        scheduler.metrics.countStart(of: work, at: start)
        var resumption = start
        var queryTime = Duration.zero
        let session = session(of: work.batch.lane.encoder, in: .free)
        let outcome = outcome(of: work) { () throws(EmbedderError) in
            try session.encode(work.encodings, output: work.batch.lane.output) {
                yieldToCallers()
                guard scheduler.hasQueryWork else { return }
                let now = ContinuousClock.now
                share.ingestTook(resumption.duration(to: now))
                let duration = takeQueries()
                resumption = now + duration
                queryTime += duration
            }
        }
        let end = ContinuousClock.now
        share.ingestTook(resumption.duration(to: end))
        scheduler.finish(work, outcome, after: start.duration(to: end) - queryTime)
    }

    /// Takes queries until none waits, or ingest is due.
    ///
    /// - Returns: the time that they took.
    private func takeQueries() -> Duration {
        var total = Duration.zero
        while !share.isDue, let step = scheduler.nextStepInPause(index) {
            if total == .zero { scheduler.metrics.countPreemption() }
            let duration = perform(step, in: .pause)
            share.queriesTook(duration)
            total += duration
        }
        hasTakenQueries = total > .zero
        return total
    }

    /// Lets those who were answered in the pause before have the core.
    ///
    /// When ingest keeps every core busy, a thread that has just been woken waits for the end of a
    /// time slice, some 3 ms. One yield a query is nothing to ingest; one a pause would give the
    /// machine away to whatever else runs on it.
    private func yieldToCallers() {
        guard hasTakenQueries else { return }
        hasTakenQueries = false
        CPU.yield()
    }

    /// Does a step for queries.
    ///
    /// - Returns: the time that it took.
    private func perform(_ step: Step, in place: Place) -> Duration {
        let start = ContinuousClock.now
        switch step {
        case .compute(let work):
            scheduler.metrics.countStart(of: work, at: start)
            let session = session(of: work.batch.lane.encoder, in: place)
            let outcome = outcome(of: work) { () throws(EmbedderError) in
                try session.encode(work.encodings, output: work.batch.lane.output) {}
            }
            scheduler.finish(work, outcome, after: start.duration(to: .now))
        case .lead(let id, let work, let parts):
            scheduler.metrics.countStart(of: work, at: start)
            scheduler.metrics.countShared()
            let outcome = outcome(of: work) { () throws(EmbedderError) in
                try lead(id, work, parts: parts, in: place)
            }
            scheduler.close(id)
            scheduler.finish(work, outcome, after: start.duration(to: .now))
        case .help(let batch, let encoder):
            scheduler.metrics.countHelp()
            session(of: encoder, in: place).work(on: batch)
        case .linger:
            // A batch is made in less time than it takes to fall asleep and be woken.
            var spins = 0
            while spins < Self.lingerSpins, !scheduler.hasQueryWork {
                CPU.relax()
                spins += 1
            }
        }
        return start.duration(to: .now)
    }

    private func lead(
        _ id: SchedulerState.Dispatcher.SharedID,
        _ work: Work,
        parts: Int,
        in place: Place
    ) throws(EmbedderError) -> [EncodedText] {
        let lane = work.batch.lane
        let session = session(of: lane.encoder, in: place)
        let batch = try lane.encoder.makeSharedBatch(
            work.encodings,
            output: lane.output,
            parts: parts
        )
        scheduler.open(id, batch, lane)
        session.work(on: batch)
        return try batch.results()
    }

    private func outcome(
        of work: Work,
        _ compute: () throws(EmbedderError) -> [EncodedText]
    ) -> SchedulerState.Outcome {
        do throws(EmbedderError) {
            let results = try compute()
            precondition(results.count == work.encodings.count, "an encoder lost a text")
            return .success(results)
        } catch {
            return .failure(RagError(error))
        }
    }

    private func session(
        of encoder: any TextEncoder,
        in place: Place
    ) -> any TextEncoderSession {
        let key = SessionKey(encoder: ObjectIdentifier(encoder), place: place)
        if let known = sessions[key] { return known }
        let session = encoder.makeSession()
        sessions[key] = session
        return session
    }
}
