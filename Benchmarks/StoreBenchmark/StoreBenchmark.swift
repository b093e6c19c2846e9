import Foundation
import VectorStore

/// Measures a whole collection, database and index, on vectors of a file; prints one line a figure.
///
///     StoreBenchmark fill DIRECTORY VECTORS COUNT memory|disk
///     StoreBenchmark open DIRECTORY QUERIES
///     StoreBenchmark churn DIRECTORY QUERIES
///
/// `fill` writes COUNT chunks, one a document. `open` times a start and searches. `churn` writes every
/// document once more, with a vector near the former one, and compares the outcome with a collection that
/// was filled with the same from nothing. VECTORS and QUERIES are rows of 384 little-endian f32; when COUNT
/// is more than there are vectors, the others are made of them by adding noise.
@main
struct StoreBenchmark {
    static let dimension = 384
    static let hitCount = 10
    /// Queries that recall is counted over.
    static let truthCount = 20

    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch (arguments.first, arguments.count) {
        case ("fill", 5):
            guard let count = Int(arguments[3]),
                let place = HNSWParameters.VectorPlace(rawValue: arguments[4])
            else { return usage() }
            try await fill(arguments[1], try VectorFile(arguments[2]), count, place)
        case ("open", 3):
            try await open(arguments[1], try VectorFile(arguments[2]))
        case ("churn", 3):
            try await churn(arguments[1], try VectorFile(arguments[2]))
        default:
            usage()
        }
    }

    private static func usage() {
        say(
            """
            usage: StoreBenchmark fill DIRECTORY VECTORS COUNT memory|disk
                   StoreBenchmark open DIRECTORY QUERIES
                   StoreBenchmark churn DIRECTORY QUERIES
            """
        )
        exit(2)
    }

    // MARK: - Commands

    private static func fill(
        _ directory: String,
        _ vectors: VectorFile,
        _ count: Int,
        _ place: HNSWParameters.VectorPlace
    ) async throws {
        let store = try VectorStore.open(directory: directory)
        let collection = try await make(place, in: store)
        var random = Noise(seed: 1)
        let seconds = try await timed {
            try await write(0..<count, to: collection) { vectors.vector($0, &random) }
        }
        report("chunks a second", Double(count) / seconds)
        report("resident MiB, highest", memory("VmHWM"))
        await store.close()
        report("file MiB", size(directory))
    }

    private static func open(_ directory: String, _ queries: VectorFile) async throws {
        var opened: VectorStore?
        let seconds = try await timed { opened = try VectorStore.open(directory: directory) }
        guard let store = opened, let collection = store.collections().first else { return }
        report("seconds to open", seconds)
        report("chunks", Double(collection.indexSize.chunkCount))
        report("index MiB", Double(collection.indexSize.byteCount) / 1_048_576)
        report("resident MiB", memory("VmRSS"))
        report("resident MiB, highest", memory("VmHWM"))
        let truth = try truth(collection, queries)
        report("resident MiB after exact searches", memory("VmRSS"))
        for beam in [32, 64, 128, 256] {
            try measure(collection, queries, beam, truth)
        }
        report("resident MiB after searches", memory("VmRSS"))
        report("resident MiB, highest", memory("VmHWM"))
        await store.close()
    }

    private static func churn(_ directory: String, _ queries: VectorFile) async throws {
        let store = try VectorStore.open(directory: directory)
        guard let collection = store.collections().first else { return }
        let count = collection.indexSize.chunkCount
        say("before")
        try measure(collection, queries, 64, try truth(collection, queries))
        let former = try vectors(of: collection, count: count)
        var random = Noise(seed: 2)
        // In another order than the first time.
        let order = (0..<count).map { $0 &* 7_919 % count }
        let isOrder = Set(order).count == count
        let seconds = try await timed {
            try await write(isOrder ? order : Array(0..<count), to: collection) { place in
                random.near(former[place])
            }
        }
        report("replaced chunks a second", Double(count) / seconds)
        say("after every document was written once more")
        try measure(collection, queries, 64, try truth(collection, queries))
        report("findings of verify()", Double(try store.verify().count))
        report("index MiB", Double(collection.indexSize.byteCount) / 1_048_576)
        let place = collection.configuration.index.vectors
        let stored = try vectors(of: collection, count: count)
        // Space is given back when nobody writes.
        try await Task.sleep(for: .seconds(10))
        await store.close()
        report("file MiB", size(directory))

        say("filled with the same from nothing")
        let fresh = directory + ".fresh"
        try? FileManager.default.removeItem(atPath: fresh)
        let other = try VectorStore.open(directory: fresh)
        let filled = try await make(place, in: other)
        try await write(Array(0..<count), to: filled) { stored[$0] }
        try measure(filled, queries, 64, try truth(filled, queries))
        report("index MiB", Double(filled.indexSize.byteCount) / 1_048_576)
        await other.close()
        report("file MiB", size(fresh))
        try FileManager.default.removeItem(atPath: fresh)
    }

    // MARK: - Steps

    private static func make(
        _ place: HNSWParameters.VectorPlace,
        in store: VectorStore
    ) async throws -> Collection {
        let configuration = CollectionConfiguration(
            name: "benchmark",
            model: "none",
            dimension: dimension,
            chunking: .init(maxTokens: 256, overlapTokens: 0),
            index: try HNSWParameters(vectors: place),
            lateInteraction: .none
        )
        return try await store.createCollection(configuration).collection
    }

    private static func write(
        _ places: some RandomAccessCollection<Int>,
        to collection: Collection,
        vector: (Int) -> [Float]
    ) async throws {
        let batchCount = 1_000
        for start in stride(from: 0, to: places.count, by: batchCount) {
            let batch = places.dropFirst(start).prefix(batchCount)
            _ = try await collection.upsert(batch.map { document($0, vector($0)) })
        }
    }

    private static func document(_ place: Int, _ vector: [Float]) -> DocumentWrite {
        let text = "passage \(place)"
        let words = [UInt64(place), UInt64(vector[0].bitPattern)]
        let hash = words.flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
        }
        return DocumentWrite(
            id: "d\(place)",
            text: text,
            contentHash: hash,
            tokenCount: 2,
            chunks: [
                ChunkWrite(
                    range: 0..<text.utf8.count,
                    tokenCount: 2,
                    textHash: hash,
                    vector: vector
                )
            ]
        )
    }

    /// The vectors of documents 0..<count.
    private static func vectors(of collection: Collection, count: Int) throws -> [[Float]] {
        var vectors: [[Float]] = []
        for place in 0..<count {
            let keys = try collection.document(id: "d\(place)")?.chunks.map(\.key) ?? []
            vectors += try collection.vectors(for: keys).values
        }
        return vectors
    }

    /// The true nearest of the first few queries: where vectors are on disk, each reads them all.
    private static func truth(
        _ collection: Collection,
        _ queries: VectorFile
    ) throws -> [Set<ChunkKey>] {
        try (0..<truthCount).map { place in
            Set(
                try collection.searchDense(queries.row(place), count: hitCount, exact: true)
                    .map(\.key)
            )
        }
    }

    /// Recall and times of searches with a beam.
    private static func measure(
        _ collection: Collection,
        _ queries: VectorFile,
        _ beam: Int,
        _ truth: [Set<ChunkKey>]
    ) throws {
        let count = min(1_000, queries.count)
        var found = 0
        var times: [Double] = []
        for place in 0..<count {
            let query = queries.row(place)
            var hits: [ChunkHit] = []
            let time = try ContinuousClock().measure {
                hits = try collection.searchDense(query, count: hitCount, expansion: beam)
            }
            times.append(time / .milliseconds(1))
            if place < truth.count {
                found += truth[place].intersection(hits.map(\.key)).count
            }
        }
        times.sort()
        let recall = Double(found) / Double(truth.count * hitCount)
        let (median, late) = (times[count / 2], times[count * 99 / 100])
        say(
            "beam \(beam): recall@10 \(recall), p50 \(median.rounded(toPlaces: 3)) ms, "
                + "p99 \(late.rounded(toPlaces: 3)) ms"
        )
    }

    // MARK: - Figures

    private static func timed(_ body: () async throws -> Void) async rethrows -> Double {
        let start = ContinuousClock.now
        try await body()
        return start.duration(to: .now) / .seconds(1)
    }

    /// Prints a line at once: `print` waits for more when it writes to a pipe.
    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    private static func report(_ what: String, _ value: Double) {
        say("\(what): \(value.rounded(toPlaces: 2))")
    }

    /// A figure of this process's memory in MiB, as Linux names it.
    private static func memory(_ name: String) -> Double {
        let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
        return kibibytes.flatMap { Double($0) }.map { $0 / 1_024 } ?? 0
    }

    private static func size(_ directory: String) -> Double {
        let attributes = try? FileManager.default.attributesOfItem(
            atPath: directory + "/ragd.sqlite"
        )
        return Double(attributes?[.size] as? Int ?? 0) / 1_048_576
    }
}

extension Double {
    fileprivate func rounded(toPlaces count: Int) -> Double {
        let factor = (0..<count).reduce(1.0) { factor, _ in factor * 10 }
        return (self * factor).rounded() / factor
    }
}
