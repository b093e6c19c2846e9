internal import Foundation
package import Kernels

/// A task executor with threads of its own, for work that blocks or computes for long.
///
/// The cooperative pool has as many threads as there are cores and must never wait for a disk; a
/// task that prefers this executor may. Jobs run in the order in which they came.
///
/// Thread safety: all state is in a `Monitor`.
package final class ThreadPoolExecutor: TaskExecutor {
    private struct State: Sendable {
        var jobs = TwoStackQueue<UnownedJob>()
        var threads: Int
        var isStopping = false
        var whenStopped: [CheckedContinuation<Void, Never>] = []
    }

    /// How many jobs can run at a time.
    package let threadCount: Int

    private let monitor: Monitor<State>

    /// Starts `threads` threads that live until `stop()`.
    package init(name: String, threads: Int, slice: TimeSlice) {
        precondition(threads > 0, "an executor needs a thread, not \(threads)")
        threadCount = threads
        monitor = Monitor(State(threads: threads))
        for index in 0..<threads {
            let thread = Thread { [self] in
                slice.request()
                work()
            }
            thread.name = "\(name)-\(index)"
            thread.start()
        }
    }

    /// Takes a job; a job after `stop()` is a bug in the owner, whose tasks must have ended.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        monitor.withLock { state in
            precondition(!state.isStopping, "a job came after the executor was stopped")
            state.jobs.append(job)
        }
        monitor.wakeOne()
    }

    /// Runs what was enqueued, then ends the threads; returns when they have ended.
    package func stop() async {
        await withCheckedContinuation { continuation in
            let isOver = monitor.withLock { state in
                state.isStopping = true
                if state.threads > 0 { state.whenStopped.append(continuation) }
                return state.threads == 0
            }
            monitor.wakeAll()
            if isOver { continuation.resume() }
        }
    }

    private func work() {
        while let job = nextJob() {
            // SAFETY: `self` outlives the call, since this thread holds it.
            unsafe job.runSynchronously(on: asUnownedTaskExecutor())
        }
        let waiting = monitor.withLock { state in
            state.threads -= 1
            return state.threads == 0 ? state.whenStopped : []
        }
        for continuation in waiting { continuation.resume() }
    }

    private func nextJob() -> UnownedJob? {
        monitor.wait { state -> UnownedJob?? in
            if let job = state.jobs.popFirst() { return .some(job) }
            return state.isStopping ? .some(nil) : nil
        }
    }
}
