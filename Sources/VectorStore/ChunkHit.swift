/// A chunk that a search found.
public struct ChunkHit: Sendable, Hashable {
    /// The chunk.
    public var key: ChunkKey
    /// How well it fits: larger is better, comparable within one search only.
    public var score: Float

    /// Makes a hit.
    public init(key: ChunkKey, score: Float) {
        self.key = key
        self.score = score
    }
}
