/// What happens in a store without anybody having asked for it, for logs and metrics.
///
/// Holds no document text, metadata or vectors.
public enum StoreEvent: Sendable {
    /// Something stored is damaged; searches go on without it, or by a slower way.
    case damaged(collection: String, part: StoredPart, reason: String)
    /// What was damaged is whole again, or gone.
    case repaired(collection: String, part: StoredPart)
    /// Making the graph or the full-text index again did not come to its end; it is tried again.
    case rebuildFailed(collection: String, part: StoredPart, VectorStoreError)
    /// A graph was not saved: the next start replays more than it should, or builds it again.
    case checkpointFailed(collection: String, VectorStoreError)

    /// Takes events on whatever thread they happen: it must return at once.
    public typealias Observer = @Sendable (StoreEvent) -> Void
}
