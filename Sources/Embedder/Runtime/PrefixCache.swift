import Synchronization

/// The states of recent prefixes, by token ids, up to a number of bytes; the least recently used ones
/// go first.
///
/// A request's passages come in several batches, on several threads: whichever batch is first computes
/// what they go on from. Two that are first at the same time both do, rather than one waiting.
///
/// Thread safety: all state is in a `Mutex`, held for look-ups among some dozens of entries.
final class PrefixCache: Sendable {
    private struct Entry {
        let states: PrefixStates
        var lastUse: UInt64
    }

    private struct State {
        var entries: [[Int32]: Entry] = [:]
        var byteCount = 0
        var useCount: UInt64 = 0
    }

    private let byteCountMax: Int
    private let state = Mutex(State())

    /// Bytes of all entries.
    var byteCount: Int { state.withLock { $0.byteCount } }

    /// Makes an empty cache.
    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
    }

    /// The states of these tokens, when they are known.
    func states(of ids: [Int32]) -> PrefixStates? {
        state.withLock { state in
            state.useCount += 1
            state.entries[ids]?.lastUse = state.useCount
            return state.entries[ids]?.states
        }
    }

    /// Keeps the states of tokens, unless they alone are too large.
    func insert(_ states: PrefixStates, of ids: [Int32]) {
        let byteCount = states.byteCount
        guard byteCount <= byteCountMax else { return }
        state.withLock { state in
            guard state.entries[ids] == nil else { return }
            while state.byteCount + byteCount > byteCountMax,
                let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                state.entries[oldest.key] = nil
                state.byteCount -= oldest.value.states.byteCount
            }
            state.useCount += 1
            state.entries[ids] = Entry(states: states, lastUse: state.useCount)
            state.byteCount += byteCount
        }
    }
}
