/// Which thread does what: texts and threads go in as events, and a step comes out.
///
/// A value without locks, clocks or tasks; `BatchScheduler` is the shell that runs it.
///
/// - A free thread takes queries first, at once, and ingest when no query waits.
/// - A thread in a batch of ingest comes to a *pause* every millisecond or so. It takes queries
///   there, and goes on with its batch when none waits.
/// - What waits is shared out evenly among the threads that stand ready: for queries those that are
///   idle or in ingest, for ingest those that are idle. So each of them takes whole texts, which
///   costs nothing to put together again.
/// - When more threads stand ready than queries wait, a batch of queries is *shared*: its leader
///   starts at once, and the others help when they come; all idle threads are woken for it, and
///   linger until there is something to help with. Ingest is never shared, since a thread that
///   helps comes to no pause.
/// - Ingest is owed a share of each thread's time (`IngestShare`, which the threads keep): a free
///   thread that says so takes ingest before queries.
package struct BatchDispatcher<Lane: Hashable & Sendable>: Sendable {
    package typealias Queue = BatchQueue<Lane>

    /// A batch that several threads may compute, by a number that is never used again.
    package struct SharedID: Sendable, Hashable {
        let number: UInt64
    }

    /// What a thread does next.
    package enum Step: Sendable, Hashable {
        /// Compute a batch alone.
        case compute(Queue.Batch)
        /// Make a batch to be shared by so many threads, say so by `open(_:)`, compute it with
        /// whoever comes, and end it by `close(_:)`.
        case lead(SharedID, Queue.Batch, parts: Int)
        /// Help with a batch that another thread leads.
        case help(SharedID)
        /// Ask again in a moment, without going to sleep: a batch to help with is being made.
        case linger
    }

    /// What `enqueue` comes to.
    package enum EnqueueAction: Sendable, Hashable {
        /// The texts wait; wake so many idle threads.
        case wake(Int)
        /// There is no room: so much waits before them.
        case refuseFull(BatchBacklog)
        /// The queue is closed.
        case refuseClosed
    }

    private enum Occupation: Sendable {
        case idle
        case ingest
        case queries
    }

    private struct Shared: Sendable {
        var helpersMissing: Int
        var isOpen = false
        var willWantHelp: Bool { !isOpen && helpersMissing > 0 }
        var wantsHelp: Bool { isOpen && helpersMissing > 0 }
    }

    /// What waits.
    package private(set) var queue: Queue

    private var occupations: [Occupation]
    private var shared: [SharedID: Shared] = [:]
    private var sharedCount: UInt64 = 0

    /// Makes a dispatcher of an empty queue; all threads are idle.
    package init(bounds: BatchBounds, threads: Int) {
        precondition(threads > 0, "a dispatcher needs a thread, not \(threads)")
        queue = Queue(bounds: bounds)
        occupations = Array(repeating: .idle, count: threads)
    }

    /// Whether a thread that comes to a pause would find something to do.
    package var hasQueryWork: Bool {
        queue.waitingTexts(.query) > 0 || shared.values.contains(where: \.wantsHelp)
    }

    /// Whether nothing waits and no thread is at work.
    package var isIdle: Bool {
        queue.isEmpty && shared.isEmpty && occupations.allSatisfy { $0 == .idle }
    }

    // MARK: - Texts

    /// Texts arrive: all of them wait, or none does.
    package mutating func enqueue(
        _ texts: [BatchText],
        lane: Lane,
        priority: BatchPriority
    ) -> EnqueueAction {
        switch queue.enqueue(texts, lane: lane, priority: priority) {
        case .taken: .wake(priority == .query ? idleCount : min(texts.count, idleCount))
        case .full(let backlog): .refuseFull(backlog)
        case .closed: .refuseClosed
        }
    }

    /// A text is no longer wanted.
    ///
    /// - Returns: whether it waited, and will now be in no batch.
    package mutating func cancel(_ text: BatchTextID) -> Bool {
        queue.cancel(text)
    }

    /// No more texts are taken; those that wait still go.
    package mutating func close() {
        queue.close()
    }

    // MARK: - Threads

    /// A thread is free.
    ///
    /// - Parameters:
    ///   - thread: its index.
    ///   - owesIngest: whether ingest goes before queries on it.
    /// - Returns: its next step; `nil` when there is none, and it is idle.
    package mutating func nextStep(_ thread: Int, owesIngest: Bool) -> Step? {
        if !owesIngest || queue.waitingTexts(.ingest) == 0, let step = queryStep(thread) {
            return step
        }
        let idleOthers = occupations.indices.count { $0 != thread && occupations[$0] == .idle }
        guard let batch = queue.formBatch(.ingest, threads: 1 + idleOthers) else {
            occupations[thread] = .idle
            return shared.values.contains(where: \.willWantHelp) ? .linger : nil
        }
        occupations[thread] = .ingest
        return .compute(batch)
    }

    /// A thread comes to a pause in a batch of ingest, or has done a step in it.
    ///
    /// - Parameter thread: its index.
    /// - Returns: what to do before it goes on; `nil` when it goes on now.
    package mutating func nextStepInPause(_ thread: Int) -> Step? {
        if let step = queryStep(thread) { return step }
        occupations[thread] = .ingest
        return nil
    }

    /// A shared batch has been made, and can be helped with.
    ///
    /// - Returns: how many idle threads to wake.
    package mutating func open(_ batch: SharedID) -> Int {
        shared[batch]?.isOpen = true
        let helpersMissing = shared[batch]?.helpersMissing ?? 0
        return min(helpersMissing, idleCount)
    }

    /// A shared batch has been computed, or could not be made.
    package mutating func close(_ batch: SharedID) {
        shared[batch] = nil
    }

    private var idleCount: Int { occupations.count { $0 == .idle } }

    private mutating func queryStep(_ thread: Int) -> Step? {
        let others = occupations.indices.count {
            $0 != thread && occupations[$0] != .queries
        }
        if let batch = queue.formBatch(.query, threads: 1 + others) {
            occupations[thread] = .queries
            // The texts that are left have threads of their own.
            let parts = (1 + others) / (1 + min(others, queue.waitingTexts(.query)))
            guard parts > 1 else { return .compute(batch) }
            sharedCount += 1
            let id = SharedID(number: sharedCount)
            shared[id] = Shared(helpersMissing: parts - 1)
            return .lead(id, batch, parts: parts)
        }
        // The oldest, so that the choice is the same in every run.
        let helpable = shared.filter(\.value.wantsHelp).keys
        guard let id = helpable.min(by: { $0.number < $1.number }) else { return nil }
        occupations[thread] = .queries
        shared[id]?.helpersMissing -= 1
        return .help(id)
    }
}
