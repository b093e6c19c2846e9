/// What an index takes in memory, by part, in bytes.
public struct IndexByteCounts: Sendable, Hashable {
    /// Vectors; nothing when they are on disk.
    public var vectors = 0
    /// Codes of vectors.
    public var codes = 0
    /// Links and node records.
    public var graph = 0
    /// The table of keys.
    public var keys = 0

    /// Makes counts of nothing.
    public init() {}

    /// All of it.
    public var total: Int { vectors + codes + graph + keys }
}
