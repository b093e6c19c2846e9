import Dispatch
import Synchronization

/// Runs `body` for 0..<count on several threads; each takes the next number when it is free.
///
/// - Parameters:
///   - threads: how many to run on.
///   - count: how many numbers there are.
///   - body: is given the thread's number, below `threads`, and the number to work on.
/// - Throws: the last error of `body`; the thread that met it has then stopped.
func onThreads<Failure: Error>(
    _ threads: Int,
    count: Int,
    _ body: @Sendable (_ thread: Int, _ index: Int) throws(Failure) -> Void
) throws(Failure) {
    let next = Atomic(0)
    let failure = Mutex<Failure?>(nil)
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
        do throws(Failure) {
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                try body(thread, index)
            }
        } catch {
            failure.withLock { $0 = error }
        }
    }
    if let error = failure.withLock({ $0 }) { throw error }
}
