import Synchronization

/// Lends scratch space to searches, and knows which of them may still hold a slot.
///
/// *Epochs*: a search runs in the epoch in which it began. The writer unlinks slots, closes the
/// epoch, and reuses the slots once no search of that epoch or an older one is running: a search
/// that began later cannot have found a link to them.
///
/// Thread safety: a mutex around a few words, taken twice a search, never while one runs.
final class ScratchPool: Sendable {
    private struct State {
        var idle: [SearchScratch] = []
        var epoch: UInt64 = 0
        var running: [UInt64: Int] = [:]
    }

    /// Scratches kept for later: more searches than this at once allocate their own.
    private static let idleMax = 32

    private let state = Mutex(State())
    private let slotCount: Int
    private let codeByteCount: Int

    /// Makes an empty pool of scratches for batches of up to `slotCount` slots, and codes of
    /// `codeByteCount` bytes.
    init(slotCount: Int, codeByteCount: Int) {
        self.slotCount = slotCount
        self.codeByteCount = codeByteCount
    }

    /// Runs `body` with a scratch, inside the current epoch.
    func withScratch<Result, Failure: Error>(
        _ body: (SearchScratch) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let (idle, epoch) = state.withLock { state in
            state.running[state.epoch, default: 0] += 1
            return (state.idle.popLast(), state.epoch)
        }
        let scratch = idle ?? SearchScratch(slotCount: slotCount, codeByteCount: codeByteCount)
        defer { finish(scratch, epoch: epoch) }
        return try body(scratch)
    }

    /// Ends the current epoch and returns it.
    func closeEpoch() -> UInt64 {
        state.withLock { state in
            state.epoch += 1
            return state.epoch - 1
        }
    }

    /// Whether no search of `epoch` or an older one is running.
    func isOver(_ epoch: UInt64) -> Bool {
        state.withLock { state in state.running.keys.allSatisfy { $0 > epoch } }
    }

    private func finish(_ scratch: SearchScratch, epoch: UInt64) {
        state.withLock { state in
            if state.idle.count < Self.idleMax { state.idle.append(scratch) }
            if let count = state.running[epoch], count > 1 {
                state.running[epoch] = count - 1
            } else {
                state.running[epoch] = nil
            }
        }
    }
}
