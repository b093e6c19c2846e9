/// The stages of a request whose times are worth watching one by one.
public enum Stage: String, Sendable, CaseIterable {
    /// Reading a request's body into values.
    case parse
    /// Text to token ids, and documents to chunks.
    case tokenise
    /// Waiting for a batch.
    case queue
    /// A batch in the encoder.
    case embed
    /// Nearest vectors.
    case ann
    /// Words.
    case bm25
    /// Late interaction.
    case rerank
    /// A write, from its hand-over to the acknowledgement that it is on disk.
    case commit
}

/// One latency histogram a stage, `ragd_stage_seconds{stage="…"}`.
public struct StageTimes: Sendable {
    private let histograms: [Stage: Histogram]

    /// The stage histograms of a registry.
    public init(_ metrics: Metrics) {
        histograms = Dictionary(
            uniqueKeysWithValues: Stage.allCases.map { stage in
                let histogram = metrics.histogram(
                    "ragd_stage_seconds",
                    help: "Time that a stage of a request took.",
                    labels: ["stage": stage.rawValue]
                )
                return (stage, histogram)
            }
        )
    }

    /// Counts one duration of a stage.
    public func observe(_ stage: Stage, _ duration: Duration) {
        histograms[stage]?.observe(duration)
    }

    /// Runs `body` and counts its duration, whether it throws or not.
    func measure<Value, Failure: Error>(
        _ stage: Stage,
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let start = ContinuousClock.now
        defer { observe(stage, start.duration(to: .now)) }
        return try body()
    }
}
