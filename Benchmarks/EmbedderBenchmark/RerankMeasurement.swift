import Embedder
import Kernels

/// Measures a language model as a reranker: passages of one query, with and without computing what they
/// begin with once.
///
/// Ids are random, each round's query another one. Batches are as the daemon's scheduler makes them:
/// up to 512 tokens that are not shared, each thread taking the next one when it is free.
struct RerankMeasurement {
    private let network: RerankNetwork
    private let precision: String
    private let threads: Int
    private let rounds: Int

    private static let passageCount = 50
    private static let passageTokenCount = 128
    private static let prefixTokenCount = 80
    private static let batchTokensMax = 512

    /// A line of the result.
    private struct Line: Encodable {
        let precision: String
        let threads: Int
        let passages: Int
        let sharedMilliseconds: [Double]
        let separateMilliseconds: [Double]
        /// Of the medians: how many times as fast.
        let ratio: Double
    }

    /// Loads the model.
    init(_ options: BenchmarkOptions) throws {
        precision = options.optional("--precision") ?? "bf16"
        guard let known = ComputePrecision(rawValue: precision) else {
            throw BenchmarkError("\(precision) is no precision")
        }
        threads = try options.number("--threads", default: 2)
        rounds = try options.number("--repeats", default: 3)
        network = try RerankNetwork(
            directory: try options.required("--model"),
            answers: (yes: 1, no: 0),
            precision: known
        )
    }

    /// Measures both ways in turns, and prints a line.
    func run() throws {
        var random = SystemRandomNumberGenerator()
        let workspaces = (0..<threads).map { _ in Unshared(network.makeWorkspace()) }
        var times: (shared: [Double], separate: [Double]) = ([], [])
        for round in 0...rounds {
            let texts = self.texts(using: &random)
            let shared = try time(texts, workspaces)
            let separate = try time(texts.map(Self.unshared), workspaces)
            // The first round warms up.
            guard round > 0 else { continue }
            times.shared.append(shared.milliseconds)
            times.separate.append(separate.milliseconds)
        }
        let median = { (values: [Double]) in values.sorted()[values.count / 2] }
        try BenchmarkTexts.printLine(
            Line(
                precision: precision,
                threads: threads,
                passages: Self.passageCount,
                sharedMilliseconds: times.shared,
                separateMilliseconds: times.separate,
                ratio: median(times.separate) / median(times.shared)
            )
        )
    }

    private func texts(using random: inout SystemRandomNumberGenerator) -> [Encoding] {
        let ids = { (count: Int, random: inout SystemRandomNumberGenerator) in
            (0..<count).map { _ in
                Int32.random(in: 0..<Int32(network.shape.vocabularyCount), using: &random)
            }
        }
        let prefix = ids(Self.prefixTokenCount, &random)
        return (0..<Self.passageCount).map { _ in
            let all = prefix + ids(Self.passageTokenCount, &random)
            return Encoding(
                ids: all,
                typeIDs: all.map { _ in 0 },
                offsets: all.map { _ in 0..<0 },
                sharedCount: prefix.count
            )
        }
    }

    private static func unshared(_ text: Encoding) -> Encoding {
        Encoding(ids: text.ids, typeIDs: text.typeIDs, offsets: text.offsets)
    }

    private func time(
        _ texts: [Encoding],
        _ workspaces: [Unshared<EncoderWorkspace>]
    ) throws -> Duration {
        let size = max(1, Self.batchTokensMax / texts[0].ownCount)
        let batches = stride(from: 0, to: texts.count, by: size).map {
            Array(texts[$0..<min($0 + size, texts.count)])
        }
        return try ContinuousClock().measure {
            try onThreads(workspaces.count, count: batches.count) {
                (thread, batch) throws(EmbedderError) in
                _ = try network.encode(batches[batch], workspace: workspaces[thread].value)
            }
        }
    }
}
