import Embedder
import Kernels
import Synchronization

/// Measures a model on the texts of a corpus.
///
/// Texts are sorted by length, longest first, and each thread takes the next batch when it is free.
final class EncoderMeasurement {
    private let model: EmbeddingModel
    private let encodings: [Encoding]
    /// The numbers of each batch's texts.
    private let batches: [[Int]]
    private let queries: [Encoding]
    private let workspaces: [Unshared<EncoderWorkspace>]
    private let tokensMax: Int
    /// The vectors of the texts that were encoded so far.
    private var vectors: [[Float]]

    private static let queryTokenCount = 19
    private static let warmUpCount = 10

    /// Loads the model, tokenises the texts and prints how long that took.
    init(_ options: BenchmarkOptions) throws {
        let (threads, batchSize) = (
            try options.number("--threads", default: 2), try options.number("--batch", default: 32)
        )
        let tokensMax = try options.number("--tokens-max", default: 256)
        let precision = options.optional("--precision") ?? "f32"
        let loadStart = ContinuousClock.now
        let model = try Self.load(try options.required("--model"), precision: precision)
        let loadTime = ContinuousClock.now - loadStart

        let texts = try BenchmarkTexts.read(try options.required("--corpus"))
        let tokenizeStart = ContinuousClock.now
        let encodings = try texts.map { try model.tokenizer.encode($0, tokensMax: tokensMax) }
        let tokenizeTime = ContinuousClock.now - tokenizeStart

        // Stable, so that every engine has the same batches.
        let order = encodings.indices.sorted {
            (-encodings[$0].count, $0) < (-encodings[$1].count, $1)
        }
        batches = stride(from: 0, to: order.count, by: batchSize).map {
            Array(order[$0..<min($0 + batchSize, order.count)])
        }
        queries = encodings.filter { $0.count >= Self.queryTokenCount }.map(Self.query)
        workspaces = (0..<threads).map { _ in Unshared(model.makeWorkspace()) }
        vectors = [[Float]](repeating: [], count: encodings.count)
        self.model = model
        self.encodings = encodings
        self.tokensMax = tokensMax
        try BenchmarkTexts.printLine(
            LoadLine(
                precision: precision,
                instructionSet: CPU.instructionSet,
                loadMs: loadTime.milliseconds,
                tokenizeMs: tokenizeTime.milliseconds,
                texts: texts.count,
                tokens: encodings.reduce(0) { $0 + $1.count }
            )
        )
    }

    private static func load(_ directory: String, precision: String) throws -> EmbeddingModel {
        guard let precision = ComputePrecision(rawValue: precision) else {
            throw BenchmarkError("\(precision.debugDescription) is no precision")
        }
        return try EmbeddingModel.load(
            directory: directory,
            name: "benchmark",
            precision: precision
        )
    }

    /// The beginning of a text, closed with its last special token.
    private static func query(_ encoding: Encoding) -> Encoding {
        let kept = queryTokenCount - 1
        return Encoding(
            ids: encoding.ids.prefix(kept) + encoding.ids.suffix(1),
            typeIDs: encoding.typeIDs.prefix(kept) + encoding.typeIDs.suffix(1),
            offsets: encoding.offsets.prefix(kept) + encoding.offsets.suffix(1)
        )
    }

    // MARK: - Measuring

    /// Encodes the batches of these numbers, or all, on all threads, and prints how fast.
    func measureCorpus(_ numbers: [Int]) throws {
        let numbers = numbers.isEmpty ? Array(batches.indices) : numbers
        guard numbers.allSatisfy(batches.indices.contains) else {
            throw BenchmarkError("there are \(batches.count) batches only")
        }
        let (model, encodings, batches) = (model, encodings, batches)
        let workspaces = workspaces
        let results = Mutex<[(number: Int, texts: [EncodedText])]>([])
        let start = ContinuousClock.now
        try onThreads(workspaces.count, count: numbers.count) {
            (thread, index) throws(EmbedderError) in
            let texts = try model.encode(
                batches[numbers[index]].map { encodings[$0] },
                output: .none,
                workspace: workspaces[thread].value
            )
            results.withLock { $0.append((numbers[index], texts)) }
        }
        let time = ContinuousClock.now - start
        for (number, texts) in results.withLock({ $0 }) {
            for (text, result) in zip(batches[number], texts) { vectors[text] = result.vector }
        }
        let tokens = numbers.reduce(0) { sum, number in
            batches[number].reduce(sum) { $0 + encodings[$1].count }
        }
        try BenchmarkTexts.printLine(
            CorpusLine(
                tokens: tokens,
                ms: time.milliseconds,
                tokensPerS: 1e3 * Double(tokens) / time.milliseconds
            )
        )
    }

    /// Encodes short texts one at a time, on all threads together: what a search waits for.
    func measureQueries(count: Int) throws {
        guard !queries.isEmpty, count > 0 else { throw BenchmarkError("no queries") }
        let shared =
            workspaces.count > 1 ? SharedQueries(model: model, threads: workspaces.count) : nil
        defer { shared?.stop() }
        var times: [Double] = []
        for index in 0..<count + Self.warmUpCount {
            let query = queries[index % queries.count]
            let start = ContinuousClock.now
            if let shared {
                _ = try shared.encode(query, workspace: workspaces[0].value)
            } else {
                _ = try model.encode([query], output: .none, workspace: workspaces[0].value)
            }
            let time = ContinuousClock.now - start
            if index >= Self.warmUpCount { times.append(time.milliseconds) }
        }
        let sorted = times.sorted()
        try BenchmarkTexts.printLine(
            QueryLine(
                p50Ms: sorted[sorted.count / 2],
                p99Ms: sorted[sorted.count * 99 / 100],
                eachMs: times
            )
        )
    }

    // MARK: - Vectors

    /// Writes the vectors of the texts, in their order; zeros for a text not encoded so far.
    func writeVectors(to path: String) throws {
        let missing = [Float](repeating: 0, count: model.dimension)
        try BenchmarkTexts.write(vectors.lazy.map { $0.isEmpty ? missing : $0 }, to: path)
        try BenchmarkTexts.printLine(["written": vectors.count])
    }

    /// Encodes the texts of a file one at a time and writes their vectors.
    func encodeTexts(at input: String, writingTo output: String) throws {
        let found = try BenchmarkTexts.read(input).map { text in
            let encoding = try model.tokenizer.encode(text, tokensMax: tokensMax)
            return try model.encode([encoding], output: .none, workspace: workspaces[0].value)[0]
                .vector
        }
        try BenchmarkTexts.write(found, to: output)
        try BenchmarkTexts.printLine(["written": found.count])
    }
}

/// A workspace on its way to the one thread that uses it.
///
/// `@unchecked Sendable`: element i of the array is touched by thread i alone.
struct Unshared<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }
}

// MARK: - Lines

private struct LoadLine: Encodable {
    let measured = "load"
    let precision: String
    let instructionSet: String
    let loadMs: Double
    let tokenizeMs: Double
    let texts: Int
    let tokens: Int

    enum CodingKeys: String, CodingKey {
        case measured, precision, texts, tokens
        case instructionSet = "instruction_set"
        case loadMs = "load_ms"
        case tokenizeMs = "tokenize_ms"
    }
}

private struct CorpusLine: Encodable {
    let measured = "corpus"
    let tokens: Int
    let ms: Double
    let tokensPerS: Double

    enum CodingKeys: String, CodingKey {
        case measured, tokens, ms
        case tokensPerS = "tokens_per_s"
    }
}

private struct QueryLine: Encodable {
    let measured = "query"
    let p50Ms: Double
    let p99Ms: Double
    let eachMs: [Double]

    enum CodingKeys: String, CodingKey {
        case measured
        case p50Ms = "p50_ms"
        case p99Ms = "p99_ms"
        case eachMs = "each_ms"
    }
}
