import Foundation
import Kernels
import VectorStore

/// Builds an index over a file of vectors and times it: build, then searches at several beam widths
/// with their recall, as JSON lines.
///
///     VectorBenchmark BASE QUERIES TRUTH DIMENSION THREADS EF[,EF...]
///
/// BASE and QUERIES are rows of little-endian f32; TRUTH is, for each query, the numbers of its 10
/// nearest base rows in little-endian i32 (`compare_hnswlib.py` makes it and reads the output).
@main
struct VectorBenchmark {
    private let dimension: Int
    private let base: [Float]
    private let queries: [[Float]]
    private let truth: [[Int64]]

    /// Hits asked for: recall@10.
    private static let hitCount = 10

    /// Searches are repeated until a row of the table took this long.
    private static let secondsMin = 1.0

    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count == 6, let dimension = Int(arguments[3]),
            let threads = Int(arguments[4])
        else {
            print("usage: VectorBenchmark BASE QUERIES TRUTH DIMENSION THREADS EF[,EF...]")
            exit(2)
        }
        let beams = arguments[5].split(separator: ",").compactMap { Int($0) }
        let benchmark = try VectorBenchmark(
            base: arguments[0],
            queries: arguments[1],
            truth: arguments[2],
            dimension: dimension
        )
        let index = benchmark.build(threads: threads)
        for beam in beams {
            benchmark.search(index, beam: beam)
        }
        try index.checkInvariants()
    }

    private init(base: String, queries: String, truth: String, dimension: Int) throws {
        self.dimension = dimension
        self.base = try Self.words(base).map { Float(bitPattern: $0) }
        self.queries = Self.rows(
            try Self.words(queries).map { Float(bitPattern: $0) },
            of: dimension
        )
        self.truth = Self.rows(try Self.words(truth).map { Int64($0) }, of: Self.hitCount)
    }

    private func build(threads: Int) -> HNSWIndex {
        let index = HNSWIndex(dimension: dimension, metric: .cosine, parameters: .standard)
        let count = base.count / dimension
        let seconds = Self.seconds {
            index.insert(keys: (0..<count).map(Int64.init), vectors: base, threads: threads)
        }
        report([
            "engine": "ragd", "phase": "build", "isa": CPU.instructionSet, "threads": threads,
            "seconds": seconds.wall, "cpu_seconds": seconds.cpu, "index_bytes": index.byteCount,
            "count": count,
        ])
        return index
    }

    private func search(_ index: HNSWIndex, beam: Int) {
        var found = 0
        for (query, truth) in zip(queries, truth) {
            let hits = index.search(query, count: Self.hitCount, expansion: beam)
            found += Set(hits.map(\.key)).intersection(truth).count
        }
        var rounds = 0
        var seconds = (wall: 0.0, cpu: 0.0)
        while seconds.wall < Self.secondsMin {
            let round = Self.seconds {
                for query in queries {
                    _ = index.search(query, count: Self.hitCount, expansion: beam)
                }
            }
            seconds = (seconds.wall + round.wall, seconds.cpu + round.cpu)
            rounds += 1
        }
        report([
            "engine": "ragd", "phase": "search", "ef": beam,
            "qps": Double(rounds * queries.count) / seconds.wall,
            "cpu_us": 1e6 * seconds.cpu / Double(rounds * queries.count),
            "recall": Double(found) / Double(queries.count * Self.hitCount),
        ])
    }

    private func report(_ values: [String: Any]) {
        guard let data = try? JSONSerialization.data(withJSONObject: values, options: .sortedKeys)
        else { return }
        print(String(decoding: data, as: UTF8.self))
    }

    /// How long `body` took by the clock on the wall, and by the processor's, which other programs
    /// on the machine disturb less.
    private static func seconds(_ body: () -> Void) -> (wall: Double, cpu: Double) {
        let start = clock()
        let wall = ContinuousClock().measure(body) / .seconds(1)
        return (wall, Double(clock() - start) / Double(CLOCKS_PER_SEC))
    }

    private static func words(_ path: String) throws -> [UInt32] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        return stride(from: 0, to: bytes.count - 3, by: 4).map { place in
            UInt32(bytes[place]) | UInt32(bytes[place + 1]) << 8 | UInt32(bytes[place + 2]) << 16
                | UInt32(bytes[place + 3]) << 24
        }
    }

    private static func rows<Element>(_ flat: [Element], of count: Int) -> [[Element]] {
        stride(from: 0, to: flat.count, by: count).map { Array(flat[$0..<$0 + count]) }
    }
}
