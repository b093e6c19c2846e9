/// What an encoder spends its time on, added up by one thread.
///
/// Reading the clock costs some 50 ns a step of some dozen rows: below a thousandth. Thread safety:
/// none; it belongs to a workspace.
public final class EncoderProfile {
    /// A kind of step.
    public enum Stage: String, Sendable, CaseIterable {
        /// Looking up and adding the embeddings, and their LayerNorm.
        case embeddings
        /// Products with weights, bias and residual included.
        case products
        /// Softmax(Q·Kᵀ)·V.
        case attention
        /// Encoding attention's result for its product.
        case encoding
        /// The feed-forward block's function, with encoding.
        case activation
        /// LayerNorm, with encoding.
        case norms
        /// From a text's states to its vector.
        case pooling
    }

    /// Time by stage.
    public private(set) var durations: [Stage: Duration] = [:]

    /// Makes an empty profile.
    public init() {}

    fileprivate func add(_ duration: Duration, to stage: Stage) {
        durations[stage, default: .zero] += duration
    }
}

extension EncoderProfile? {
    /// Runs `body`, and counts its time when there is a profile.
    @inline(__always)
    func measure<Value, E: Error>(
        _ stage: EncoderProfile.Stage,
        _ body: () throws(E) -> Value
    ) throws(E) -> Value {
        guard let profile = self else { return try body() }
        let start = ContinuousClock.now
        defer { profile.add(start.duration(to: .now), to: stage) }
        return try body()
    }
}
