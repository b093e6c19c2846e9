internal import Logging
internal import VectorStore

/// Hears what happens in the store without anybody asking: logs it, counts it, and wakes whoever
/// repairs embeddings.
///
/// Thread safety: immutable; the store calls `note` on whatever thread something happened.
final class StoreWatch: Sendable {
    /// Yields after damage to embeddings was found, once for any number of times.
    let embeddingDamage: AsyncStream<Void>

    private let signal: AsyncStream<Void>.Continuation
    private let metrics: Metrics
    private let logger: Logger

    init(metrics: Metrics, logger: Logger) {
        self.metrics = metrics
        self.logger = logger
        (embeddingDamage, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Ends `embeddingDamage`.
    func stop() {
        signal.finish()
    }

    /// Takes an event.
    func note(_ event: StoreEvent) {
        switch event {
        case .damaged(let collection, let part, let reason):
            count("ragd_damage_total", "Stored parts that were found damaged.", part)
            logger.error(
                "damage found",
                metadata: metadata(collection, part, reason: reason)
            )
            if part == .vector || part == .tokenCodes { signal.yield() }
        case .repaired(let collection, let part):
            count("ragd_repairs_total", "Damaged parts that are whole again, or gone.", part)
            logger.notice("damage repaired", metadata: metadata(collection, part))
        case .rebuildFailed(let collection, let part, let error):
            count(
                "ragd_rebuild_failures_total",
                "Graphs and full-text indexes that could not be made again.",
                part
            )
            logger.error(
                "rebuild failed",
                metadata: metadata(collection, part, reason: "\(error)")
            )
        case .checkpointFailed(let collection, let error):
            count(
                "ragd_checkpoint_failures_total",
                "Graphs that could not be saved; they are tried again.",
                .graph
            )
            logger.error(
                "checkpoint failed",
                metadata: metadata(collection, .graph, reason: "\(error)")
            )
        }
    }

    private func count(_ name: String, _ help: String, _ part: StoredPart) {
        metrics.counter(name, help: help, labels: ["part": part.rawValue]).add()
    }

    private func metadata(
        _ collection: String,
        _ part: StoredPart,
        reason: String? = nil
    ) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "collection": "\(collection)", "part": "\(part.rawValue)",
        ]
        if let reason { metadata["reason"] = "\(reason)" }
        return metadata
    }
}
