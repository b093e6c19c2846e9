import Synchronization

extension HNSWIndex {
    /// The graph without its vectors, as bytes that `decodeGraph` reads (`GraphImage` has the
    /// format).
    ///
    /// Searches go on meanwhile, writers wait.
    ///
    /// - Returns: about 4 bytes a link and 12 a node: 10 MB for 100,000 nodes.
    package func encodeGraph() -> [UInt8] {
        writer.withLock { _ in image() }.encoded()
    }

    /// Makes an index of a stored graph and the vectors that belong to it.
    ///
    /// The graph may be older than the vectors: a node whose vector is not supplied is taken out
    /// by a sweep, and a vector of a key that the graph does not know is staged.
    ///
    /// - Parameters:
    ///   - bytes: what `encodeGraph` returned, or anything.
    ///   - dimension: elements of a vector; must be the graph's.
    ///   - metric: must be the graph's.
    ///   - parameters: the connectivity must be the graph's; seed and beam concern later inserts.
    ///   - source: what has the vectors, when they are on disk.
    ///   - supplyVectors: called once, with a function that takes a key and its vector (valid, see
    ///     `validate`).
    /// - Returns: the index, with every node reachable, and what is to be linked staged.
    /// - Throws: `VectorStoreError` with code `corrupted` when the bytes are no graph, `conflict`
    ///   when they are one of another shape, or whatever `supplyVectors` throws.
    package static func decodeGraph(
        _ bytes: [UInt8],
        dimension: Int,
        metric: Metric,
        parameters: HNSWParameters,
        source: (any VectorSource)? = nil,
        supplyVectors: (_ take: (ChunkKey, [Float]) -> Void) throws(VectorStoreError) -> Void
    ) throws(VectorStoreError) -> HNSWIndex {
        let image = try GraphImage(decoding: bytes)
        guard image.dimension == dimension, image.metric == metric,
            image.connectivity == parameters.connectivity
        else {
            throw VectorStoreError(
                .conflict,
                "the graph is for \(image.dimension) dimensions, \(image.metric), connectivity"
                    + " \(image.connectivity), not \(dimension), \(metric),"
                    + " \(parameters.connectivity)"
            )
        }
        let index = HNSWIndex(
            dimension: dimension,
            metric: metric,
            parameters: parameters,
            source: source
        )
        index.writer.withLock { index.lay(image, &$0) }
        let slots = [ChunkKey: Slot](
            uniqueKeysWithValues: zip(image.keys, 0..<Slot(image.keys.count))
        )
        var isSupplied = [Bool](repeating: false, count: image.keys.count)
        try supplyVectors { key, vector in
            guard let slot = slots[key], !image.isDead[Int(slot)] else {
                return index.stage(keys: [key], vectors: vector)
            }
            index.store(index.prepared(vector).span, at: slot)
            isSupplied[Int(slot)] = true
        }
        index.writer.withLock { index.settle(image.keys, isSupplied: isSupplied, &$0) }
        return index
    }

    /// Takes nodes and links over into the tables; keys and states come with the vectors.
    private func lay(_ image: GraphImage, _ state: inout WriterState) {
        let slots = newSlots(levels: image.levels.map { Int($0) }, &state)
        var base = 0
        var upper = 0
        var upperRow = 0
        for (slot, key) in zip(slots, image.keys) {
            nodes.setKey(of: slot, to: key)
            let end = base + Int(image.baseCounts[Int(slot)])
            links.row(slot).replace(with: image.baseLinks[base..<end])
            base = end
            for _ in 0..<nodes.level(of: slot) {
                let end = upper + Int(image.upperCounts[upperRow])
                links.row(upper: UInt32(upperRow)).replace(with: image.upperLinks[upper..<end])
                upper = end
                upperRow += 1
            }
        }
        if let entry = image.entry {
            let point = EntryPoint(slot: entry, level: nodes.level(of: entry))
            entryWord.store(point.word, ordering: .releasing)
        }
    }

    /// Makes nodes with a vector live and the others tombstones, then removes the tombstones and
    /// grows the tree.
    private func settle(_ keys: [ChunkKey], isSupplied: [Bool], _ state: inout WriterState) {
        slotsByKey.withLock { $0.reserveCapacity(keys.count) }
        for (place, key) in keys.enumerated() {
            let slot = Slot(place)
            if isSupplied[place] {
                nodes.setState(of: slot, to: .live)
                _ = slotsByKey.withLock { $0.updateValue(slot, forKey: key) }
            } else {
                bury(slot, &state)
            }
        }
        if state.deadSlots.isEmpty {
            scratches.withScratch { rebuildTree(scratch: $0) }
        } else {
            consolidate(&state, by: Workers(count: 1, scratches: scratches))
        }
    }

    /// The linked nodes, numbered without gaps.
    ///
    /// Writer only.
    private func image() -> GraphImage {
        let linked = (0..<Slot(slotCount.load(ordering: .relaxed))).filter {
            nodes.isLinked($0)
        }
        var numbers = [Slot](repeating: 0, count: slotCount.load(ordering: .relaxed))
        for (number, slot) in linked.enumerated() { numbers[Int(slot)] = Slot(number) }
        var image = GraphImage(
            dimension: dimension,
            metric: metric,
            connectivity: parameters.connectivity,
            entry: entryPoint.map { numbers[Int($0.slot)] }
        )
        for slot in linked {
            let level = nodes.level(of: slot)
            image.keys.append(nodes.key(of: slot))
            image.levels.append(UInt8(level))
            image.isDead.append(!nodes.isLive(slot))
            let base = row(slot, layer: 0).slots
            image.baseCounts.append(UInt16(base.count))
            image.baseLinks += base.map { numbers[Int($0)] }
            for layer in 0..<level {
                let upper = row(slot, layer: layer + 1).slots
                image.upperCounts.append(UInt16(upper.count))
                image.upperLinks += upper.map { numbers[Int($0)] }
            }
        }
        return image
    }
}
