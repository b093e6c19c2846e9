internal import Foundation

/// State behind a lock that plain threads can sleep on until it changes.
///
/// Where `Mutex` ends: a worker thread with nothing to do has to wait without spinning. Only
/// threads that this module started wait here, never one of the cooperative pool.
///
/// Thread safety: `state` is touched only between `condition.lock()` and `unlock()`, which is what
/// makes the unchecked conformance true.
// Guard: `condition` is held around every access to `state`.
final class Monitor<State: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private var state: State

    init(_ state: State) {
        self.state = state
    }

    /// Runs `body` with the lock held.
    func withLock<Value>(_ body: (inout State) -> Value) -> Value {
        condition.lock()
        defer { condition.unlock() }
        return body(&state)
    }

    /// Runs `body` with the lock held, again after each wake-up, until it returns a value.
    func wait<Value>(_ body: (inout State) -> Value?) -> Value {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let value = body(&state) { return value }
            condition.wait()
        }
    }

    /// Wakes one waiting thread.
    func wakeOne() {
        condition.signal()
    }

    /// Wakes so many waiting threads.
    func wake(_ count: Int) {
        for _ in 0..<count { condition.signal() }
    }

    /// Wakes every waiting thread.
    func wakeAll() {
        condition.broadcast()
    }
}
