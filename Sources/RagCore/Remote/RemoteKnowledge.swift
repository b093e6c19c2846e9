internal import Synchronization

/// What was learned of a server by asking it.
///
/// Thread safety: all state is in a `Mutex`.
final class RemoteKnowledge: Sendable {
    private struct State: Sendable {
        var dimension: Int?
        var isReachable: Bool?
    }

    private let state: Mutex<State>

    /// - Parameter dimension: what the entry says; nil when the first answer shall say.
    init(dimension: Int?) {
        state = Mutex(State(dimension: dimension))
    }

    /// Elements of a vector; nil when they are not known yet.
    var dimension: Int? { state.withLock(\.dimension) }

    /// Whether the server answered the last request to it; nil before the first.
    var isReachable: Bool? { state.withLock(\.isReachable) }

    /// An attempt has ended.
    func note(_ ending: RemoteEvent.Ending) {
        state.withLock { $0.isReachable = ending != .failed }
    }

    /// Holds vectors to the dimension, which the first of all sets.
    ///
    /// - Throws: `upstream` when they have another one: two first answers may have been under way at
    ///   once.
    func learn(_ vectors: [[Float]], from name: String) throws(RagError) {
        guard let found = vectors.first?.count else { return }
        let known = state.withLock { state in
            let known = state.dimension ?? found
            state.dimension = known
            return known
        }
        guard vectors.allSatisfy({ $0.count == known }) else {
            throw RagError(
                .upstream,
                "model '\(name)': the server's vectors have \(found) dimensions, and had \(known)"
            )
        }
    }
}
