import Embedder
import Synchronization

/// Measures how fast texts become tokens.
struct TokenizerMeasurement {
    private struct Line: Encodable {
        let measured = "tokenize"
        let threads: Int
        let texts: Int
        let tokens: Int
        let eachMs: [Double]

        enum CodingKeys: String, CodingKey {
            case measured, threads, texts, tokens
            case eachMs = "each_ms"
        }
    }

    /// Texts that a thread takes at a time.
    private static let shareSize = 64

    private let tokenizer: Tokenizer
    private let texts: [String]
    private let threads: Int
    private let repeats: Int
    private let tokensMax: Int

    init(_ options: BenchmarkOptions) throws {
        tokenizer = try Tokenizer(directory: try options.required("--model"))
        texts = try BenchmarkTexts.read(
            try options.required("--corpus"),
            limit: try options.number("--texts", default: .max)
        )
        threads = try options.number("--threads", default: 2)
        repeats = try options.number("--repeats", default: 5)
        tokensMax = try options.number("--tokens-max", default: 256)
    }

    /// Tokenises all texts again and again, and prints how long each time took.
    func run() throws {
        var milliseconds: [Double] = []
        var tokens = 0
        for _ in 0..<repeats {
            let start = ContinuousClock.now
            tokens = try tokenizeAll()
            milliseconds.append((ContinuousClock.now - start).milliseconds)
        }
        try BenchmarkTexts.printLine(
            Line(threads: threads, texts: texts.count, tokens: tokens, eachMs: milliseconds)
        )
    }

    /// The number of tokens of all texts; the encodings are kept until all are there.
    private func tokenizeAll() throws(EmbedderError) -> Int {
        let shares = (texts.count + Self.shareSize - 1) / Self.shareSize
        let found = Mutex<[[Encoding]]>([])
        try onThreads(threads, count: shares) { _, share throws(EmbedderError) in
            let start = share * Self.shareSize
            let part = texts[start..<min(start + Self.shareSize, texts.count)]
            let encodings = try part.map { text throws(EmbedderError) in
                try tokenizer.encode(text, tokensMax: tokensMax)
            }
            found.withLock { $0.append(encodings) }
        }
        return found.withLock { $0.reduce(0) { $1.reduce($0) { $0 + $1.count } } }
    }
}
