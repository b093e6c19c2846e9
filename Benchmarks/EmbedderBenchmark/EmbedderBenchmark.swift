import Dispatch
import Embedder
import Foundation
import Synchronization

/// Measures an embedding model on the texts of a BEIR corpus.
///
///     EmbedderBenchmark MODEL_FOLDER CORPUS.jsonl [THREADS [BATCH [REPEATS]]]
///
/// Texts are "title text", cut at 256 tokens, sorted by length, in batches; each thread takes the
/// next batch when it is free. Then one text of 19 tokens at a time on one thread. Prints one line
/// of `name=value` a measurement, the best of `REPEATS` (5).
@main
struct EmbedderBenchmark {
    private static let tokensMax = 256
    private static let queryTokenCount = 19
    private static let queryRepeats = 300

    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 3 else {
            print("usage: EmbedderBenchmark MODEL_FOLDER CORPUS.jsonl [THREADS [BATCH [REPEATS]]]")
            exit(2)
        }
        let number = { (index: Int, fallback: Int) in
            arguments.count > index ? Int(arguments[index]) ?? fallback : fallback
        }
        let (threads, batchSize, repeats) = (number(3, 2), number(4, 32), number(5, 5))
        let clock = ContinuousClock()

        let loadStart = clock.now
        let model = try EmbeddingModel.load(directory: arguments[1], name: "benchmark")
        print("load_ms=\(milliseconds(clock.now - loadStart))")

        let texts = try corpus(at: arguments[2])
        let tokenizeStart = clock.now
        let encodings = texts.map { model.tokenizer.encode($0, tokensMax: tokensMax) }
        print("tokenize_ms=\(milliseconds(clock.now - tokenizeStart))")

        let sorted = encodings.sorted { $0.count > $1.count }
        let batches = stride(from: 0, to: sorted.count, by: batchSize).map {
            Array(sorted[$0..<min($0 + batchSize, sorted.count)])
        }
        let tokens = encodings.reduce(0) { $0 + $1.count }
        let workspaces = (0..<threads).map { _ in Unshared(model.makeWorkspace()) }
        var best = Duration.seconds(1_000_000)
        for _ in 0..<repeats {
            let start = clock.now
            try run(batches, model: model, workspaces: workspaces)
            best = min(best, clock.now - start)
        }
        print(
            "texts=\(texts.count) tokens=\(tokens) threads=\(threads) batch=\(batchSize) "
                + "ms=\(milliseconds(best)) tokens_per_s=\(Int(Double(tokens) / seconds(best)))"
        )
        try measureQuery(model: model, encodings: sorted)
    }

    /// Encodes every batch once, on as many threads as there are workspaces.
    private static func run(
        _ batches: [[Encoding]],
        model: EmbeddingModel,
        workspaces: [Unshared<EncoderWorkspace>]
    ) throws {
        let next = Atomic(0)
        let failure = Mutex<EmbedderError?>(nil)
        DispatchQueue.concurrentPerform(iterations: workspaces.count) { thread in
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < batches.count else { return }
                do throws(EmbedderError) {
                    _ = try model.encode(
                        batches[index],
                        output: .none,
                        workspace: workspaces[thread].value
                    )
                } catch {
                    failure.withLock { $0 = error }
                }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// One short text at a time: what a search waits for.
    private static func measureQuery(model: EmbeddingModel, encodings: [Encoding]) throws {
        guard let long = encodings.first(where: { $0.count >= queryTokenCount }) else { return }
        let query = Encoding(
            ids: Array(long.ids.prefix(queryTokenCount)),
            typeIDs: Array(long.typeIDs.prefix(queryTokenCount)),
            offsets: Array(long.offsets.prefix(queryTokenCount))
        )
        let clock = ContinuousClock()
        let workspace = model.makeWorkspace()
        var durations: [Duration] = []
        for _ in 0..<queryRepeats {
            let start = clock.now
            _ = try model.encode([query], output: .floats, workspace: workspace)
            durations.append(clock.now - start)
        }
        durations.sort()
        print(
            "query_tokens=\(queryTokenCount) p50_ms=\(milliseconds(durations[queryRepeats / 2])) "
                + "p99_ms=\(milliseconds(durations[queryRepeats * 99 / 100]))"
        )
    }

    private static func corpus(at path: String) throws -> [String] {
        struct Document: Decodable {
            let title: String
            let text: String
        }
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            let document = try JSONDecoder().decode(Document.self, from: Data($0.utf8))
            return document.title + " " + document.text
        }
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }

    private static func milliseconds(_ duration: Duration) -> String {
        String(format: "%.2f", seconds(duration) * 1_000)
    }
}

/// A workspace on its way to the one thread that uses it.
///
/// `@unchecked Sendable`: element i of the array is touched by iteration i alone.
private struct Unshared<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }
}
