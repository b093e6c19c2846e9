import Foundation
import Kernels
import VectorStore

/// Measures the vector index for `bench_ann.py`, one command a line of standard input, one answer in
/// JSON a line of standard output.
///
///     VectorBenchmark BASE QUERIES TRUTH DIMENSION QUANTIZATION
///     VectorBenchmark filters ...     see FilterBenchmark
///
///     build THREADS        builds the index anew
///     search EF THREADS    searches for every query once, with a beam of EF
///
/// BASE and QUERIES are rows of little-endian f32; TRUTH is, for each query, the numbers of its 10
/// nearest base rows in little-endian i32.
@main
struct VectorBenchmark {
    /// Hits asked for: recall@10.
    private static let hitCount = 10

    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == "filters" {
            return try await FilterBenchmark.run(Array(arguments.dropFirst()))
        }
        guard arguments.count == 5, let dimension = Int(arguments[3]),
            let quantization = HNSWParameters.Quantization(rawValue: arguments[4])
        else {
            print("usage: VectorBenchmark BASE QUERIES TRUTH DIMENSION QUANTIZATION")
            exit(2)
        }
        let data = try BenchmarkData(
            base: arguments[0],
            queries: arguments[1],
            truth: arguments[2],
            dimension: dimension,
            hitCount: hitCount
        )
        var index: HNSWIndex?
        while let line = readLine() {
            let words = line.split(separator: " ")
            switch (words.first, words.dropFirst().compactMap { Int($0) }) {
            case ("build", let numbers) where numbers.count == 1:
                index = try build(data, quantization, threads: numbers[0])
            case ("search", let numbers) where numbers.count == 2:
                guard let index else { return report(["error": "nothing is built"]) }
                search(data, index, beam: numbers[0], threads: numbers[1])
            default:
                report(["error": "\(line) is no command"])
            }
        }
    }

    private static func build(
        _ data: BenchmarkData,
        _ quantization: HNSWParameters.Quantization,
        threads: Int
    ) throws -> HNSWIndex {
        let index = HNSWIndex(
            dimension: data.dimension,
            metric: .cosine,
            parameters: try HNSWParameters(quantization: quantization)
        )
        let keys = (0..<data.baseCount).map(Int64.init)
        let seconds = ContinuousClock().measure {
            index.insert(keys: keys, vectors: data.base, threads: threads)
        }
        try index.checkInvariants()
        report([
            "seconds": seconds / .seconds(1), "bytes": index.byteCounts.total,
            "isa": CPU.instructionSet,
        ])
        return index
    }

    private static func search(_ data: BenchmarkData, _ index: HNSWIndex, beam: Int, threads: Int) {
        var found = [Int](repeating: 0, count: data.queries.count)
        let seconds = ContinuousClock().measure {
            found = parallel(data.queries.count, threads: threads) { place in
                // A search that fails has found nothing.
                let hits =
                    (try? index.search(data.queries[place], count: hitCount, expansion: beam)) ?? []
                return Set(hits.map(\.key)).intersection(data.truth[place]).count
            }
        }
        let wanted = data.queries.count * hitCount
        report([
            "seconds": seconds / .seconds(1),
            "recall": Double(found.reduce(0, +)) / Double(wanted),
        ])
    }

    /// What `body` returns for 0..<count, each thread taking every n-th.
    private static func parallel(
        _ count: Int,
        threads: Int,
        _ body: @Sendable (Int) -> Int
    ) -> [Int] {
        guard threads > 1 else { return (0..<count).map { body($0) } }
        let parts = Parts(count: threads)
        DispatchQueue.concurrentPerform(iterations: threads) { @Sendable thread in
            parts.set(stride(from: thread, to: count, by: threads).map { body($0) }, at: thread)
        }
        return parts.all
    }

    /// Writes one answer.
    static func report(_ values: [String: Any]) {
        guard let line = try? JSONSerialization.data(withJSONObject: values, options: .sortedKeys)
        else { return }
        // Not by `print`, which waits for more when it writes to a pipe.
        FileHandle.standardOutput.write(line + Data("\n".utf8))
    }
}
