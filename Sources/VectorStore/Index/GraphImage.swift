/// A graph without its vectors, as it is stored: format version 1.
///
/// Little-endian, sections back to back, every length implied by the counts before it:
///
///     magic "RAGDHNSW", version, dimension, metric (0 cosine, 1 dot, 2 euclidean), connectivity,
///     nodeCount, entry (all ones when there is no node)            6 × u32 after the magic
///     keys         nodeCount × i64
///     levels       nodeCount × u8, bit 7 set for a tombstone
///     baseCounts   nodeCount × u16: links on layer 0
///     upperCounts  one u16 for each node and layer from 1 to its level
///     baseLinks, upperLinks   u32 each, in the order of the counts
///
/// Checksums and compression are the store's.
struct GraphImage: Equatable {
    /// Elements of the vectors that the graph was built from.
    var dimension: Int

    /// How they were compared.
    var metric: Metric

    /// `HNSWParameters.connectivity` of the graph.
    var connectivity: Int

    /// The entry point; nil for a graph without nodes.
    var entry: Slot?

    /// The key of each node.
    var keys: [ChunkKey]

    /// The level of each node.
    var levels: [UInt8]

    /// Whether each node is a tombstone.
    var isDead: [Bool]

    /// Links on layer 0 of each node, and of each node and layer above.
    var baseCounts: [UInt16]
    var upperCounts: [UInt16]

    /// All links.
    var baseLinks: [Slot]
    var upperLinks: [Slot]

    static let magic = Array("RAGDHNSW".utf8)
    static let version: UInt32 = 1
    private static let noEntry = UInt32.max
    private static let deadBit: UInt8 = 0x80

    private static func code(of metric: Metric) -> UInt32 {
        switch metric {
        case .cosine: 0
        case .dot: 1
        case .euclidean: 2
        }
    }

    /// The image as bytes.
    func encoded() -> [UInt8] {
        var writer = GraphWriter()
        writer.append(Self.magic)
        writer.append([
            Self.version, UInt32(dimension), Self.code(of: metric), UInt32(connectivity),
            UInt32(keys.count), entry ?? Self.noEntry,
        ])
        writer.append(keys)
        writer.append(zip(levels, isDead).map { $1 ? $0 | Self.deadBit : $0 })
        writer.append(baseCounts)
        writer.append(upperCounts)
        writer.append(baseLinks)
        writer.append(upperLinks)
        return writer.bytes
    }

    /// Reads an image and checks that it is a graph: counts within the rows' capacity, links to
    /// other nodes of the layer, an entry point, distinct keys.
    ///
    /// Nothing is allocated that the remaining bytes do not pay for.
    ///
    /// - Throws: `VectorStoreError` with code `corrupted`; no bytes can make it trap.
    init(decoding bytes: [UInt8]) throws(VectorStoreError) {
        var reader = GraphReader(bytes)
        guard try reader.read(UInt8.self, count: Self.magic.count) == Self.magic else {
            throw Self.corrupted("these bytes are no graph")
        }
        let header = try reader.read(UInt32.self, count: 6)
        guard header[0] == Self.version else {
            throw Self.corrupted("graph format \(header[0]) is not known to this version")
        }
        guard let metric = Metric.allCases.first(where: { Self.code(of: $0) == header[2] }) else {
            throw Self.corrupted("metric code \(header[2]) is unknown")
        }
        let count = Int(header[4])
        dimension = Int(header[1])
        self.metric = metric
        connectivity = Int(header[3])
        entry = header[5] == Self.noEntry ? nil : header[5]
        keys = try reader.read(ChunkKey.self, count: count)
        let marks = try reader.read(UInt8.self, count: count)
        levels = marks.map { $0 & ~Self.deadBit }
        isDead = marks.map { $0 & Self.deadBit != 0 }
        baseCounts = try reader.read(UInt16.self, count: count)
        upperCounts = try reader.read(UInt16.self, count: levels.reduce(0) { $0 + Int($1) })
        baseLinks = try reader.read(UInt32.self, count: baseCounts.reduce(0) { $0 + Int($1) })
        upperLinks = try reader.read(UInt32.self, count: upperCounts.reduce(0) { $0 + Int($1) })
        guard reader.isAtEnd else { throw Self.corrupted("bytes follow the graph") }
        try check()
    }

    /// Makes an image from its parts, which the caller has from a graph.
    init(dimension: Int, metric: Metric, connectivity: Int, entry: Slot?) {
        self.dimension = dimension
        self.metric = metric
        self.connectivity = connectivity
        self.entry = entry
        (keys, levels, isDead) = ([], [], [])
        (baseCounts, upperCounts, baseLinks, upperLinks) = ([], [], [], [])
    }

    private func check() throws(VectorStoreError) {
        guard HNSWParameters.connectivityRange.contains(connectivity) else {
            throw Self.corrupted("connectivity \(connectivity)")
        }
        guard Set(keys).count == keys.count else { throw Self.corrupted("a key occurs twice") }
        guard keys.count < SegmentedRows.countMax,
            levels.allSatisfy({ $0 <= NodeTable.levelMax }),
            baseCounts.allSatisfy({ $0 <= 2 * connectivity }),
            upperCounts.allSatisfy({ $0 <= connectivity })
        else { throw Self.corrupted("a node has too many layers or links") }
        guard (entry == nil) == keys.isEmpty, entry.map({ Int($0) < keys.count }) ?? true else {
            throw Self.corrupted("the entry point is no node")
        }
        var base = 0
        var upper = 0
        var upperRow = 0
        for node in keys.indices {
            let end = base + Int(baseCounts[node])
            try check(baseLinks[base..<end], of: node, layer: 0)
            base = end
            for layer in 0..<Int(levels[node]) {
                let end = upper + Int(upperCounts[upperRow])
                try check(upperLinks[upper..<end], of: node, layer: layer + 1)
                upper = end
                upperRow += 1
            }
        }
    }

    private func check(
        _ links: ArraySlice<Slot>,
        of node: Int,
        layer: Int
    ) throws(VectorStoreError) {
        for (place, link) in zip(links.indices, links) {
            guard Int(link) < keys.count, Int(link) != node, levels[Int(link)] >= layer,
                !links[..<place].contains(link)
            else { throw Self.corrupted("node \(node) has a wrong link on layer \(layer)") }
        }
    }

    private static func corrupted(_ what: String) -> VectorStoreError {
        VectorStoreError(.corrupted, "graph image: \(what); the index has to be rebuilt")
    }
}
