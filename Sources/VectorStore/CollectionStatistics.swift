/// A collection's sizes and the state of its index.
public struct CollectionStatistics: Sendable, Hashable {
    /// How many documents it holds.
    public var documentCount: Int
    /// How many chunks it holds.
    public var chunkCount: Int
    /// The documents' text in UTF-8 bytes, before compression.
    public var textByteCount: Int
    /// Vectors on disk, compressed.
    public var vectorByteCount: Int
    /// Token codes on disk.
    public var tokenCodeByteCount: Int
    /// The graph's checkpoint on disk, compressed.
    public var checkpointByteCount: Int
    /// The vector index in memory.
    public var index: IndexByteCounts
    /// The full-text index in memory; 0 while it is made in the background.
    public var textIndexByteCount: Int
    /// Metadata in memory, of the keys that were filtered on.
    public var metadataByteCount: Int
    /// Which index answers searches.
    public var indexState: IndexState
    /// The last committed write.
    public var position: Int64
    /// The last write that the checkpoint on disk covers; 0 when there is none.
    public var checkpointPosition: Int64

    /// Which index answers searches.
    public enum IndexState: String, Sendable, Hashable, Codable {
        /// The graph.
        case graph
        /// An exact scan, while the graph is rebuilt in the background.
        case rebuilding
    }
}
