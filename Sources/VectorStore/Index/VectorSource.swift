/// Where an index that keeps codes alone gets vectors from, to measure its hits again.
///
/// Thread safety: called by any number of searches at once.
package protocol VectorSource: Sendable {
    /// Calls `body` with the place in `keys` and the vector of each key that has one, in any order.
    ///
    /// Keys that are gone by now, and those whose vector is damaged, are left out.
    ///
    /// - Throws: `VectorStoreError` when nothing can be read.
    func read(
        _ keys: [ChunkKey],
        _ body: (_ place: Int, _ vector: [Float]) -> Void
    ) throws(VectorStoreError)
}
