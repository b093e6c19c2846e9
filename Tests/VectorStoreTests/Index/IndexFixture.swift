import TestSupport
import VectorStore

/// Vectors in clusters, as embeddings are, and an index over them.
struct IndexFixture {
    let dimension: Int
    let metric: Metric
    private var random: SeededRandom
    private let centers: [[Float]]

    init(dimension: Int, metric: Metric, seed: UInt64) {
        self.dimension = dimension
        self.metric = metric
        random = SeededRandom(seed: seed)
        var centers: [[Float]] = []
        for _ in 0..<20 { centers.append(random.unitVector(dimension: dimension)) }
        self.centers = centers
    }

    /// A vector near one of the centers.
    mutating func vector() -> [Float] {
        let center = centers[Int.random(in: 0..<centers.count, using: &random)]
        let spread = 1.5 / Float(dimension).squareRoot()
        return center.map { $0 + spread * random.normal() }
    }

    mutating func vectors(_ count: Int) -> [[Float]] {
        (0..<count).map { _ in vector() }
    }

    func makeIndex(
        connectivity: Int = 8,
        efConstruction: Int = 60,
        quantization: HNSWParameters.Quantization = .int8
    ) throws -> HNSWIndex {
        HNSWIndex(
            dimension: dimension,
            metric: metric,
            parameters: try HNSWParameters(
                connectivity: connectivity,
                efConstruction: efConstruction,
                quantization: quantization
            )
        )
    }

    /// An index over `vectors` with keys from 0 up.
    func makeIndex(
        over vectors: [[Float]],
        quantization: HNSWParameters.Quantization = .int8,
        threads: Int = 1
    ) throws -> HNSWIndex {
        let index = try makeIndex(quantization: quantization)
        index.insert(
            keys: Array(0..<Int64(vectors.count)),
            vectors: Array(vectors.joined()),
            threads: threads
        )
        return index
    }
}

extension HNSWIndex {
    func vector(for key: ChunkKey) throws -> [Float]? {
        try vectors(for: [key])[key]
    }

    /// The share of the true `count` nearest that the graph search finds.
    func recall(
        of queries: [[Float]],
        count: Int = 10,
        expansion: Int
    ) throws -> Double {
        var found = 0
        var wanted = 0
        for query in queries {
            let truth = Set(try exactSearch(query, count: count).map(\.key))
            let hits = try search(query, count: count, expansion: expansion).map(\.key)
            found += truth.intersection(hits).count
            wanted += truth.count
        }
        return wanted == 0 ? 1 : Double(found) / Double(wanted)
    }
}
