/// One hit of a vector search: a chunk and how far it is from the query.
package struct Neighbor: Sendable, Hashable {
    /// The chunk.
    package let key: ChunkKey

    /// The metric's distance: smaller is nearer.
    package let distance: Float

    /// Makes a hit.
    package init(key: ChunkKey, distance: Float) {
        self.key = key
        self.distance = distance
    }
}
