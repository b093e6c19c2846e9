import Foundation
import VectorStore

/// Measures filtered searches through a collection, for `bench_filters.py`: evaluating the filter is part of
/// each search.
///
///     VectorBenchmark filters STORE BASE QUERIES METADATA DIMENSION
///
///     open THREADS    opens the store in the folder STORE, which the first call fills
///     search FILE     runs the searches of FILE, one after the other
///
/// METADATA has the metadata of one base row a line, in JSON. FILE holds `{"filter": ..., "queries": [...]}`:
/// a filter as the API takes it and the numbers of the queries.
struct FilterBenchmark {
    private static let hitCount = 10

    private let collection: Collection
    private let queries: [[Float]]

    static func run(_ arguments: [String]) async throws {
        guard arguments.count == 5, let dimension = Int(arguments[4]) else {
            print("usage: VectorBenchmark filters STORE BASE QUERIES METADATA DIMENSION")
            exit(2)
        }
        let queries = BenchmarkData.rows(
            try BenchmarkData.floats(arguments[2]),
            of: dimension
        )
        var benchmark: FilterBenchmark?
        while let line = readLine() {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            switch (words.first, words.last) {
            case ("open", let threads?):
                let start = ContinuousClock.now
                let collection = try await open(
                    arguments[0],
                    base: arguments[1],
                    metadata: arguments[3],
                    dimension: dimension,
                    threads: Int(threads) ?? 1
                )
                benchmark = FilterBenchmark(collection: collection, queries: queries)
                VectorBenchmark.report(["seconds": (ContinuousClock.now - start) / .seconds(1)])
            case ("search", let file?):
                guard let benchmark else {
                    return VectorBenchmark.report(["error": "nothing is open"])
                }
                try benchmark.search(file)
            default:
                VectorBenchmark.report(["error": "\(line) is no command"])
            }
        }
    }

    // MARK: - The collection

    /// The collection with a document of one chunk for each row of the base.
    private static func open(
        _ folder: String,
        base: String,
        metadata: String,
        dimension: Int,
        threads: Int
    ) async throws -> Collection {
        var options = StoreOptions()
        options.buildThreads = threads
        let store = try VectorStore.open(directory: folder, options: options)
        let (collection, isNew) = try await store.createCollection(
            CollectionConfiguration(
                name: "passages",
                model: "all-MiniLM-L6-v2",
                dimension: dimension,
                chunking: .init(maxTokens: 256, overlapTokens: 0),
                lateInteraction: .none
            )
        )
        if isNew {
            let rows = try BenchmarkData.floats(base)
            let lines = try String(contentsOfFile: metadata, encoding: .utf8).split(separator: "\n")
            for start in stride(from: 0, to: lines.count, by: 1_024) {
                let batch = try (start..<min(start + 1_024, lines.count)).map { row in
                    try document(
                        row,
                        Array(rows[row * dimension..<(row + 1) * dimension]),
                        metadata: lines[row]
                    )
                }
                _ = try await collection.upsert(batch)
            }
            await store.close()
            return try VectorStore.open(directory: folder, options: options)
                .collection(named: "passages")
        }
        return collection
    }

    private static func document(
        _ row: Int,
        _ vector: [Float],
        metadata: Substring
    ) throws -> DocumentWrite {
        let id = String(row)
        let hash = Array(id.utf8) + Array(repeating: 0, count: 16 - id.utf8.count)
        return DocumentWrite(
            id: id,
            metadata: try JSONDecoder()
                .decode([String: MetadataValue].self, from: Data(metadata.utf8)),
            text: id,
            contentHash: hash,
            tokenCount: 1,
            chunks: [
                ChunkWrite(
                    range: 0..<id.utf8.count,
                    tokenCount: 1,
                    textHash: hash,
                    vector: vector
                )
            ]
        )
    }

    // MARK: - Searches

    private struct Task: Decodable {
        var filter: MetadataValue
        var queries: [Int]
    }

    private func search(_ file: String) throws {
        let task = try JSONDecoder()
            .decode(Task.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
        let filter = try Filter(parsing: task.filter)
        var selecting: [Double] = []
        var whole: [Double] = []
        var found: [[ChunkKey]] = []
        var count = 0
        let clock = ContinuousClock()
        // The first use of a key loads it, and is told apart.
        let first = try clock.measure { _ = try collection.select(filter) }
        for place in task.queries {
            let start = clock.now
            let selection = try collection.select(filter)
            let middle = clock.now
            let hits = try collection.searchDense(
                queries[place],
                count: Self.hitCount,
                selection: selection
            )
            let end = clock.now
            selecting.append((middle - start) / .milliseconds(1))
            whole.append((end - start) / .milliseconds(1))
            found.append(hits.map(\.key))
            count = selection.count
        }
        let rows = try collection.chunks(for: Array(Set(found.joined())))
            .mapValues { Int($0.documentID) ?? -1 }
        VectorBenchmark.report([
            "first": first / .milliseconds(1),
            "selected": count,
            "metadata_bytes": collection.metadataSize.byteCount,
            "select_p50": Self.quantile(0.5, selecting),
            "p50": Self.quantile(0.5, whole),
            "p99": Self.quantile(0.99, whole),
            "max": whole.max() ?? 0,
            "hits": found.map { keys in keys.map { rows[$0] ?? -1 } },
        ])
    }

    private static func quantile(_ share: Double, _ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : sorted[Int(share * Double(sorted.count - 1))]
    }
}
