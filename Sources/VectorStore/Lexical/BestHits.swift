/// The best hits so far, at most a given number: a heap with the worst of them on top.
struct BestHits {
    private let count: Int
    private var hits: [ChunkHit] = []

    init(count: Int) {
        precondition(count >= 1, "\(count) hits")
        self.count = count
    }

    /// The score that a further hit must have at least; 0 until there are enough.
    var floor: Double { hits.count < count ? 0 : Double(hits[0].score) }

    /// Takes a hit in place of the worst, if it is better.
    mutating func insert(_ key: ChunkKey, _ score: Float) {
        let hit = ChunkHit(key: key, score: score)
        if hits.count < count {
            hits.append(hit)
            var child = hits.count - 1
            while child > 0 {
                let parent = (child - 1) / 2
                guard Self.isWorse(hits[child], hits[parent]) else { return }
                hits.swapAt(child, parent)
                child = parent
            }
        } else if Self.isWorse(hits[0], hit) {
            hits[0] = hit
            sink()
        }
    }

    /// The hits, best first.
    func sorted() -> [ChunkHit] {
        hits.sorted { Self.isWorse($1, $0) }
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var worst = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < hits.count {
                if Self.isWorse(hits[child], hits[worst]) { worst = child }
            }
            guard worst != parent else { return }
            hits.swapAt(parent, worst)
            parent = worst
        }
    }

    /// Whether a hit ranks behind another: a lower score, or the same and a larger key.
    private static func isWorse(_ first: ChunkHit, _ second: ChunkHit) -> Bool {
        first.score != second.score ? first.score < second.score : first.key > second.key
    }
}
