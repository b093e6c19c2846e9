import ArgumentParser
import RagCore
import RagHTTP

/// Has a running daemon rank passages for a question.
struct Rerank: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print passages ranked for a question, best first.",
        discussion: "Without passages as arguments they are the lines of standard input."
    )

    @Argument(help: "The question.")
    var query: String

    @Argument(help: "The passages.")
    var passages: [String] = []

    @Option(help: "The reranker, or the embedding model whose token vectors are compared.")
    var model: String?

    @Option(help: "What the reranker is told of its task.")
    var instruction: String?

    @Option(help: "Results wanted; all when not given.")
    var top: Int?

    @OptionGroup var daemon: ClientOptions

    /// One line of `--json`.
    private struct Line: Encodable {
        let index: Int
        let score: Float
        let text: String
        /// Whether only the beginning was read; left out when all was.
        let truncated: Bool?
    }

    func run() async throws {
        let client = try daemon.client()
        let passages = passages.isEmpty ? Console.standardInputLines() : passages
        guard !passages.isEmpty else { throw ValidationError("there is no passage to rank") }
        let request = RerankRequest(
            model: model,
            query: query,
            documents: passages,
            topN: top,
            instruction: instruction
        )
        for result in try await client.rerank(request).results {
            guard passages.indices.contains(result.index) else {
                throw CommandFailure(
                    "the daemon ranked passage \(result.index), which was not sent"
                )
            }
            let text = passages[result.index]
            if daemon.json {
                try Console.json(
                    Line(
                        index: result.index,
                        score: result.score,
                        text: text,
                        truncated: result.truncated
                    )
                )
            } else {
                let mark = result.truncated == true ? " (cut)" : ""
                print("\(result.score.formatted(digits: 3))  [\(result.index)]\(mark) \(text)")
            }
        }
    }
}
