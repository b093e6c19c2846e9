internal import Synchronization

/// Lets requests in until the service stops, and knows when the last of them has left.
///
/// Thread safety: all state is in a `Mutex`, held for a few instructions.
final class RequestGate: Sendable {
    private struct State {
        var isOpen = true
        var activeCount = 0
        var whenEmpty: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Whether requests are let in.
    var isOpen: Bool { state.withLock(\.isOpen) }

    /// Lets a request in, which must `leave()`.
    ///
    /// - Throws: `unavailable` once the gate is closed.
    func enter() throws(RagError) {
        let entered = state.withLock { state in
            if state.isOpen { state.activeCount += 1 }
            return state.isOpen
        }
        guard entered else { throw .stopping }
    }

    /// A request is done.
    func leave() {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.activeCount -= 1
            guard state.activeCount == 0 else { return nil }
            defer { state.whenEmpty = nil }
            return state.whenEmpty
        }
        waiting?.resume()
    }

    /// Closes the gate and waits until everybody has left.
    ///
    /// - Returns: whether this call closed it; `false` at once when it was closed before.
    func close() async -> Bool {
        let isFirst = state.withLock { state in
            defer { state.isOpen = false }
            return state.isOpen
        }
        guard isFirst else { return false }
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if state.activeCount > 0 { state.whenEmpty = continuation }
                return state.activeCount == 0
            }
            if isEmpty { continuation.resume() }
        }
        return true
    }
}
