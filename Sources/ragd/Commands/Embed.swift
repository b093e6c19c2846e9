import ArgumentParser
import RagCore
import RagHTTP

/// Has a running daemon turn texts into vectors.
struct Embed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the vectors of texts, one JSON array a line.",
        discussion: "Without arguments the texts are the lines of standard input."
    )

    @Argument(help: "The texts.")
    var texts: [String] = []

    @Option(help: "The model.")
    var model: String?

    @Option(help: "Dimensions to keep.")
    var dimensions: Int?

    @Option(
        help: "query, document or none: a model may have a prompt for either.",
        transform: choice
    )
    var role: EmbedRequest.Role = .none

    @Flag(help: "Cut texts that are longer than the model's window.")
    var truncate = false

    @OptionGroup var daemon: ClientOptions

    func run() async throws {
        let client = try daemon.client()
        let texts = texts.isEmpty ? Console.standardInputLines() : texts
        guard !texts.isEmpty else { throw ValidationError("there is no text to embed") }
        // In requests well below the daemon's limits, so that any number of lines can be piped in.
        for start in stride(from: 0, to: texts.count, by: 256) {
            let batch = texts[start..<min(start + 256, texts.count)]
            let request = EmbedRequest(
                model: model,
                inputs: batch.map { .text($0) },
                dimensions: dimensions,
                role: role,
                truncate: truncate
            )
            for entry in try await client.embed(request).data {
                if daemon.json {
                    try Console.json(entry)
                } else {
                    try Console.json(entry.embedding)
                }
            }
        }
    }
}
