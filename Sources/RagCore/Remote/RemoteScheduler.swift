internal import Synchronization

/// Makes the requests that `RemoteQueue` decides on, and resumes the callers that wait for them.
///
/// A request is a task of its own: it waits for the network without holding a thread, and reads its
/// answer on a thread of the service.
///
/// Thread safety: all state is in a `Mutex`, held without I/O; requests are made, and callers resumed,
/// outside it.
package final class RemoteScheduler: Sendable {
    /// One request: a value for each of some texts of a lane, in order.
    package typealias Perform =
        @Sendable (RemoteQueue.Lane, [String]) async throws(RagError) -> [[Float]]

    private struct State: Sendable {
        var queue: RemoteQueue
        /// The requests that are in flight.
        var tasks: [UInt64: Task<Void, Never>] = [:]
        /// Those that ended before their task was known.
        var ended: Set<UInt64> = []
        var whenIdle: [CheckedContinuation<Void, Never>] = []

        var hasWork: Bool { queue.hasWork || !tasks.isEmpty }
    }

    private let state: Mutex<State>
    private let threads: @Sendable (BatchPriority) -> ThreadPoolExecutor
    private let perform: Perform

    /// Makes a scheduler with nothing to do.
    ///
    /// - Parameters:
    ///   - queue: an empty queue.
    ///   - threads: where the answers of a class are read.
    ///   - perform: makes a request.
    package init(
        _ queue: RemoteQueue,
        threads: @escaping @Sendable (BatchPriority) -> ThreadPoolExecutor,
        perform: @escaping Perform
    ) {
        state = Mutex(State(queue: queue))
        self.threads = threads
        self.perform = perform
    }

    /// Whether nothing waits or is in flight.
    package var isIdle: Bool { state.withLock { $0.queue.isIdle && $0.tasks.isEmpty } }

    /// Tokens that wait in a class.
    package func waitingTokens(_ priority: BatchPriority) -> Int {
        state.withLock { $0.queue.waitingTokens(priority) }
    }

    /// Values of texts, in requests shared with whoever else waits.
    ///
    /// - Parameters:
    ///   - texts: the texts.
    ///   - lane: what they are for.
    ///   - priority: the class to wait in.
    /// - Returns: one value a text, in order.
    /// - Throws: `overloaded` when the class is full, `unavailable` after `stop()`, `cancelled` when
    ///   the task was, and what `perform` threw of a request with one of the texts.
    package func values(
        of texts: [RemoteQueue.Text],
        lane: RemoteQueue.Lane,
        priority: BatchPriority
    ) async throws(RagError) -> [[Float]] {
        let request = state.withLock { $0.queue.nextRequest() }
        let outcome: RemoteQueue.Outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                run(
                    state.withLock {
                        $0.queue.submit(
                            request,
                            texts,
                            lane: lane,
                            priority: priority,
                            continuation
                        )
                    }
                )
            }
        } onCancel: {
            let answer = state.withLock { $0.queue.cancel(request) }
            answer?.continuation.resume(returning: .failure(.cancelled))
        }
        state.withLock { $0.queue.forget(request) }
        return try outcome.get()
    }

    /// Takes no more requests, gives up those in flight, and returns when they have ended.
    package func stop() async {
        let tasks = state.withLock { state in
            state.queue.close()
            return Array(state.tasks.values)
        }
        for task in tasks { task.cancel() }
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.hasWork { state.whenIdle.append(continuation) }
                return !state.hasWork
            }
            if isOver { continuation.resume() }
        }
    }

    // MARK: - Requests

    private func run(_ actions: RemoteQueue.Actions) {
        for answer in actions.answers { answer.continuation.resume(returning: answer.outcome) }
        for batch in actions.batches {
            let task = Task(executorPreference: threads(batch.priority)) { [self] in
                await ask(batch)
            }
            state.withLock { state in
                if state.ended.remove(batch.number) == nil { state.tasks[batch.number] = task }
            }
        }
    }

    private func ask(_ batch: RemoteQueue.Batch) async {
        let start = ContinuousClock.now
        let outcomes = await outcomes(of: batch.texts[...], batch.lane)
        let seconds = start.duration(to: .now).seconds
        run(state.withLock { $0.queue.finish(batch, outcomes, seconds: seconds) })
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            if state.tasks.removeValue(forKey: batch.number) == nil {
                state.ended.insert(batch.number)
            }
            guard !state.hasWork else { return [] }
            defer { state.whenIdle = [] }
            return state.whenIdle
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Asks for texts together; when the server refuses them, for each half alone, so that only the
    /// text that is to blame fails.
    private func outcomes(
        of texts: ArraySlice<String>,
        _ lane: RemoteQueue.Lane
    ) async -> [Result<[Float], RagError>] {
        do throws(RagError) {
            let values = try await perform(lane, Array(texts))
            precondition(values.count == texts.count, "a server's service lost a text")
            return values.map { .success($0) }
        } catch {
            guard error.code == RagError.remoteRefusedCode, texts.count > 1 else {
                return texts.map { _ in .failure(error) }
            }
            let middle = texts.startIndex + texts.count / 2
            return await outcomes(of: texts[..<middle], lane)
                + outcomes(of: texts[middle...], lane)
        }
    }
}
