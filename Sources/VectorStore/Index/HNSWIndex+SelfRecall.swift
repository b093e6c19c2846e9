import Synchronization

extension HNSWIndex {
    /// The share of a sample of stored vectors that a search for them finds, or finds something nearer: a
    /// canary, for a graph that loses its ways loses these first.
    ///
    /// - Parameters:
    ///   - sampleCount: how many are looked for at most.
    ///   - expansion: the beam width of the searches.
    /// - Returns: 1 for a sound graph nearly always; `nil` when there is nothing to look for, or not all of
    ///   it is linked yet.
    /// - Throws: `VectorStoreError` when vectors are on disk and cannot be read.
    /// - Complexity: as many searches.
    package func selfRecall(
        sampleCount: Int,
        expansion: Int
    ) throws(VectorStoreError) -> Double? {
        guard isComplete else { return nil }
        let slotCount = slotCount.load(ordering: .acquiring)
        // Others each time that the index has grown.
        let stride = max(1, slotCount / sampleCount)
        let keys = Swift.stride(from: slotCount % stride, to: slotCount, by: stride)
            .prefix(sampleCount).map { Slot($0) }
            .filter { nodes.isLive($0) }.map { nodes.key(of: $0) }
        let vectors = try vectors(for: keys)
        guard !vectors.isEmpty else { return nil }
        var foundCount = 0
        for (key, vector) in vectors {
            let hit = try search(vector, count: 1, expansion: expansion).first
            // SAFETY: a stored vector has elements, which are read during the call only.
            let own = unsafe vector.withUnsafeBufferPointer { elements in
                unsafe elements.baseAddress.map {
                    unsafe self.vectors.distance(from: $0, to: vector)
                } ?? 0
            }
            if let hit, hit.key == key || hit.distance <= own { foundCount += 1 }
        }
        return Double(foundCount) / Double(vectors.count)
    }
}
