import Dispatch
import Embedder
import Kernels
import RagCore
import Synchronization

/// A model that embeds the same texts again and again on several threads.
struct BenchmarkRun {
    private let model: EmbeddingModel
    private let threads: Int
    private let tokensMax: Int

    /// Tokens of a batch: what an inference thread of the daemon takes.
    private static let batchTokensMax = 512
    /// Different texts, so that a table of embeddings is read in more than one place.
    private static let textCount = 64
    private static let shortTokensMax = 19
    private static let shortRepeats = 200

    init(model: EmbeddingModel, threads: Int, tokensMax: Int) {
        self.model = model
        self.threads = threads
        self.tokensMax = min(tokensMax, model.tokensMax)
    }

    /// What one thread did.
    private struct Share: Sendable {
        var tokenCount = 0
        var busy = Duration.zero
        var stages: [EncoderProfile.Stage: Duration] = [:]
    }

    /// Measures for some seconds.
    func measure(seconds: Double) throws(EmbedderError) -> BenchmarkReport {
        let texts = texts
        let start = ContinuousClock.now
        let encodings = try texts.map { text throws(EmbedderError) in
            try model.tokenizer.encode(text, tokensMax: tokensMax)
        }
        let tokenising = start.duration(to: .now)
        let tokenCount = encodings.reduce(0) { $0 + $1.count }

        let shares = try embed(encodings, for: .seconds(seconds))
        let total = shares.reduce(into: Share()) { total, share in
            total.tokenCount += share.tokenCount
            total.busy += share.busy
            total.stages.merge(share.stages, uniquingKeysWith: +)
        }
        let perToken = { (duration: Duration) in
            duration.seconds * 1e6 / Double(total.tokenCount)
        }
        let known = total.stages.values.reduce(Duration.zero, +)
        var stages = total.stages.map { (name: $0.key.rawValue, microseconds: perToken($0.value)) }
            .sorted { $0.microseconds > $1.microseconds }
        stages.append(("overhead", perToken(total.busy - known)))
        stages.append(("tokenising", tokenising.seconds * 1e6 / Double(tokenCount)))
        let slowest = shares.map(\.busy).max() ?? .zero
        return BenchmarkReport(
            model: model.name,
            precision: model.precision.rawValue,
            instructionSet: CPU.instructionSet,
            threads: threads,
            tokens: tokensMax,
            tokensPerSecond: Double(total.tokenCount) / slowest.seconds,
            shortTextMilliseconds: try shortText().seconds * 1e3,
            stages: stages.map {
                BenchmarkReport.Stage(name: $0.name, microseconds: $0.microseconds)
            }
        )
    }

    /// Has every thread embed until the time is over.
    private func embed(
        _ encodings: [Encoding],
        for duration: Duration
    ) throws(EmbedderError) -> [Share] {
        let results = Mutex<[Result<Share, EmbedderError>]>([])
        let size = max(1, Self.batchTokensMax / tokensMax)
        let batches = stride(from: 0, to: encodings.count, by: size).map {
            Array(encodings[$0..<min($0 + size, encodings.count)])
        }
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            let workspace = model.makeWorkspace()
            let profile = EncoderProfile()
            let result = Result { () throws(EmbedderError) -> Share in
                // Memory grows and the CPU's clock settles before anything counts.
                _ = try model.encode(batches[0], output: .none, workspace: workspace)
                workspace.profile = profile
                var share = Share()
                var next = thread
                let start = ContinuousClock.now
                repeat {
                    let batch = batches[next % batches.count]
                    _ = try model.encode(batch, output: .none, workspace: workspace)
                    share.tokenCount += batch.reduce(0) { $0 + $1.count }
                    share.busy = start.duration(to: .now)
                    next += 1
                } while share.busy < duration
                share.stages = profile.durations
                return share
            }
            results.withLock { $0.append(result) }
        }
        var shares: [Share] = []
        for result in results.withLock({ $0 }) { shares.append(try result.get()) }
        return shares
    }

    /// Median time of a text as short as a question, on one thread.
    private func shortText() throws(EmbedderError) -> Duration {
        let short = try model.tokenizer.encode(texts[0], tokensMax: Self.shortTokensMax)
        let workspace = model.makeWorkspace()
        var durations: [Duration] = []
        for _ in 0..<Self.shortRepeats {
            let start = ContinuousClock.now
            _ = try model.encode([short], output: .none, workspace: workspace)
            durations.append(start.duration(to: .now))
        }
        return durations.sorted()[Self.shortRepeats / 2]
    }

    /// Texts of about `tokensMax` tokens: the gate's sentences, each time from another one on.
    private var texts: [String] {
        let sentences = PrecisionGate.sentences
        // They have 18 tokens on the average, so that most texts are cut a little.
        let count = tokensMax / 16 + 1
        return (0..<Self.textCount).map { start in
            (0..<count).map { sentences[(start * 7 + $0) % sentences.count] }
                .joined(separator: " ")
        }
    }
}
