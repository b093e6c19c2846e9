import RagCore
import Synchronization

/// A server of vectors of two numbers and of scores, that fails and stalls on demand.
///
/// Thread safety: all state is in a `Mutex`.
final class FakePeer: RemoteConnector, RemoteService {
    private struct State {
        var batches: [[String]] = []
        var isClosed = false
        var error: RagError?
        var dimension = 8
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// The texts of each request so far.
    var batches: [[String]] { state.withLock(\.batches) }
    /// Whether the service was closed.
    var isClosed: Bool { state.withLock(\.isClosed) }

    /// What every request fails with from now on.
    func fail(_ error: RagError?) { state.withLock { $0.error = error } }

    /// Elements of every vector from now on.
    func answer(dimension: Int) { state.withLock { $0.dimension = dimension } }

    /// Lets requests wait from now on.
    func hold() { state.withLock { $0.isHeld = true } }

    /// Lets those that wait go, and whatever comes.
    func release() {
        let held = state.withLock { state in
            defer { state.held = [] }
            state.isHeld = false
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    func connect(
        to endpoint: RemoteEndpoint,
        named name: String,
        onEvent: @escaping @Sendable (RemoteEvent) -> Void
    ) throws(RagError) -> any RemoteService { self }

    func embed(_ texts: [String], dimension: Int?) async throws(RagError) -> [[Float]] {
        try await take(texts)
        let count = state.withLock(\.dimension)
        if let dimension, dimension != count {
            throw RagError(.upstream, "\(count) dimensions, not \(dimension)")
        }
        return texts.map { Self.vector($0, dimension: count) }
    }

    func score(_ passages: [String], for query: String) async throws(RagError) -> [Float] {
        try await take(passages)
        return passages.map { Float($0.utf8.count) }
    }

    func close() async { state.withLock { $0.isClosed = true } }

    /// A vector of the text's letters, of unit length.
    static func vector(_ text: String, dimension: Int) -> [Float] {
        var vector = [Float](repeating: 0.01, count: dimension)
        for byte in text.utf8 { vector[Int(byte) % dimension] += 1 }
        let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return vector.map { $0 / norm }
    }

    private func take(_ texts: [String]) async throws(RagError) {
        state.withLock { $0.batches.append(texts) }
        await withCheckedContinuation { continuation in
            let goes = state.withLock { state in
                if state.isHeld { state.held.append(continuation) }
                return !state.isHeld
            }
            if goes { continuation.resume() }
        }
        if let error = state.withLock(\.error) { throw error }
        if texts.contains(where: { $0.contains("REFUSE") }) {
            throw RagError(.upstream, "no", code: RagError.remoteRefusedCode)
        }
    }
}
