import Synchronization

/// A collection's full-text index in memory: whole, or in the making.
///
/// Thread safety: `phase` is behind a lock that is held for one write's changes, or to take a snapshot;
/// searches then work on that. `apply`, `pack` and `adopt` are the writer: the commit thread calls them, or
/// the opening one before the collection is shared.
final class LexicalIndex: Sendable {
    private enum Phase {
        case whole(LexicalState)
        /// With the changes that the index in the making may not have seen, by their positions.
        case absent(backlog: [(position: Int64, change: LexicalChange)])
    }

    private let phase: Mutex<Phase>

    /// A whole index.
    init(_ state: LexicalState) {
        phase = Mutex(.whole(state))
    }

    /// None until `adopt` brings one.
    init() {
        phase = Mutex(.absent(backlog: []))
    }

    // MARK: - Reading

    /// Whether it answers searches.
    var isWhole: Bool {
        phase.withLock { phase in
            if case .whole = phase { true } else { false }
        }
    }

    /// How many chunks it holds; 0 while it is in the making.
    var count: Int { withState(\.count) ?? 0 }

    /// Bytes in memory.
    var byteCount: Int { withState(\.byteCount) ?? 0 }

    /// Whether it holds a chunk.
    func contains(_ key: ChunkKey) -> Bool { withState { $0.contains(key) } ?? false }

    /// What a search for `words` needs; `nil` while the index is in the making.
    func snapshot(of words: [String]) -> LexicalSnapshot? {
        withState { $0.snapshot(of: words) }
    }

    private func withState<Value: Sendable>(_ body: (LexicalState) -> Value) -> Value? {
        phase.withLock { phase in
            guard case .whole(let state) = phase else { return nil }
            return body(state)
        }
    }

    // MARK: - Writing

    /// Follows the committed write of a position.
    func apply(_ change: LexicalChange, at position: Int64) {
        guard !change.isEmpty else { return }
        phase.withLock { phase in
            switch phase {
            case .whole(var state):
                // Given up for the moment, so that nothing is copied that no search holds.
                phase = .absent(backlog: [])
                state.apply(change)
                phase = .whole(state)
            case .absent(var backlog):
                phase = .absent(backlog: [])
                backlog.append((position, change))
                phase = .absent(backlog: backlog)
            }
        }
    }

    /// Packs all rows into one segment, and returns it for a checkpoint; `nil` while there is none.
    func pack() -> LexicalState? {
        // Outside the lock, so that searches go on; nothing else writes meanwhile.
        guard let state = withState({ $0 })?.packed() else { return nil }
        phase.withLock { $0 = .whole(state) }
        return state
    }

    /// Answers from `state`, which has the writes up to `position`, from now on.
    func adopt(_ state: LexicalState, through position: Int64) {
        phase.withLock { phase in
            guard case .absent(let backlog) = phase else { return }
            var state = state
            for (written, change) in backlog where written > position { state.apply(change) }
            phase = .whole(state)
        }
    }
}
