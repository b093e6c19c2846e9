import Kernels

/// Vectors without a graph: what answers searches while the graph is rebuilt.
///
/// A value in blocks of rows. A search takes a copy, which shares every block, and scans it without
/// a lock; the writer that changes a block copies that block alone.
struct ExactVectors: Sendable {
    private struct Block {
        var keys: [ChunkKey] = []
        var rows: [Float] = []
    }

    /// Rows of a block: a copy of one is 400 KB at 384 dimensions.
    static let blockCount = 256

    let dimension: Int
    let metric: Metric
    private var blocks: [Block] = []
    private var places: [ChunkKey: Int] = [:]

    init(dimension: Int, metric: Metric) {
        self.dimension = dimension
        self.metric = metric
    }

    var count: Int { places.count }

    var byteCount: Int { blocks.count * Self.blockCount * (dimension + 2) * 4 }

    /// The keys that are stored, block by block.
    var keysByBlock: [[ChunkKey]] {
        blocks.map { $0.keys.filter { places[$0] != nil } }
    }

    /// Adds a vector; unit length when the metric is cosine.
    mutating func insert(_ key: ChunkKey, _ vector: [Float]) {
        precondition(vector.count == dimension, "\(vector.count) elements, not \(dimension)")
        var vector = vector
        if metric == .cosine { VectorMath.normalize(&vector) }
        if blocks.last?.keys.count ?? Self.blockCount == Self.blockCount {
            blocks.append(Block())
        }
        let last = blocks.count - 1
        places[key] = last * Self.blockCount + blocks[last].keys.count
        blocks[last].keys.append(key)
        blocks[last].rows += vector
    }

    /// Adds vectors that lie back to back.
    mutating func insert(_ keys: [ChunkKey], _ vectors: [Float]) {
        for (index, key) in keys.enumerated() {
            insert(key, Array(vectors[index * dimension..<(index + 1) * dimension]))
        }
    }

    /// Forgets a key; its row stays until the graph takes over.
    mutating func remove(_ key: ChunkKey) {
        places[key] = nil
    }

    func vector(for key: ChunkKey) -> [Float]? {
        guard let place = places[key] else { return nil }
        let start = place % Self.blockCount * dimension
        return Array(blocks[place / Self.blockCount].rows[start..<start + dimension])
    }

    /// The `count` nearest among the accepted, nearest first.
    func search(_ query: [Float], count: Int, accept: (ChunkKey) -> Bool) -> [Neighbor] {
        var query = query
        if metric == .cosine { VectorMath.normalize(&query) }
        var found: [Neighbor] = []
        for (number, block) in blocks.enumerated() {
            for (row, distance) in distances(query, block.rows).enumerated() {
                let key = block.keys[row]
                guard places[key] == number * Self.blockCount + row, accept(key) else { continue }
                found.append(Neighbor(key: key, distance: distance))
            }
            // Keeps memory near `count` without sorting at every block.
            if found.count > 4 * (count + Self.blockCount) { Self.keepNearest(count, &found) }
        }
        Self.keepNearest(count, &found)
        return found
    }

    private func distances(_ query: [Float], _ rows: [Float]) -> [Float] {
        switch metric {
        case .cosine: VectorMath.dots(query.span, rows: rows.span).map { 1 - $0 }
        case .dot: VectorMath.dots(query.span, rows: rows.span).map { -$0 }
        case .euclidean:
            stride(from: 0, to: rows.count, by: dimension).map { start in
                VectorMath.squaredDistance(
                    query.span,
                    rows.span.extracting(start..<start + dimension)
                )
            }
        }
    }

    private static func keepNearest(_ count: Int, _ found: inout [Neighbor]) {
        found.sort { ($0.distance, $0.key) < ($1.distance, $1.key) }
        found.removeLast(max(0, found.count - count))
    }
}
