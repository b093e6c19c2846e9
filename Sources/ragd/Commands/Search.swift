import ArgumentParser
import Foundation
import RagCore
import RagHTTP
import VectorStore

/// Asks a running daemon a question.
struct Search: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the passages that answer a question, best first."
    )

    @Argument(help: "The question.")
    var query: String

    @Option(help: "Where to search.")
    var collection: String

    @Option(help: "Passages wanted.")
    var limit = 5

    @Option(help: "hybrid, dense or lexical.", transform: choice)
    var mode: SearchRequest.Mode = .hybrid

    @Option(help: "How hybrid fuses its rankings: rrf or weighted.", transform: choice)
    var fusion: SearchRequest.FusionSettings.Method?

    @Option(help: "What the ranking by vectors counts in the fusion.")
    var denseWeight: Float?

    @Option(help: "What the ranking by words counts in the fusion.")
    var lexicalWeight: Float?

    @Option(
        help: ArgumentHelp(
            "Keep passages from saying the same: 0 only that, 1 not at all.",
            valueName: "lambda"
        )
    )
    var mmr: Float?

    @Flag(inversion: .prefixedNo, help: "Rank the best candidates again by late interaction.")
    var rerank = true

    @Option(help: "Neighbouring chunks joined to each side of a passage.")
    var context = 0

    @Option(help: ArgumentHelp("A metadata filter in JSON.", valueName: "json"))
    var filter: String?

    @Flag(help: "Show the scores of each stage and the times.")
    var explain = false

    @OptionGroup var daemon: ClientOptions

    func run() async throws {
        let client = try daemon.client()
        var request = SearchRequest(query: query, limit: limit, mode: mode)
        request.context = context
        request.explain = explain
        request.rerank = rerank ? SearchRequest.Rerank() : nil
        if fusion != nil || denseWeight != nil || lexicalWeight != nil {
            request.fusion = SearchRequest.FusionSettings(
                method: fusion ?? .rrf,
                denseWeight: denseWeight ?? 1,
                lexicalWeight: lexicalWeight ?? 1
            )
        }
        request.diversity = mmr.map { SearchRequest.Diversity(lambda: $0) }
        let reply = try await client.search(request, filter: try filterValue(), in: collection)
        if daemon.json {
            for hit in reply.hits { try Console.json(hit) }
        } else {
            show(reply)
        }
    }

    private func filterValue() throws -> MetadataValue? {
        guard let filter else { return nil }
        do {
            return try JSONDecoder().decode(MetadataValue.self, from: Data(filter.utf8))
        } catch {
            throw ValidationError("--filter is not valid JSON")
        }
    }

    private func show(_ reply: SearchReply) {
        if reply.hits.isEmpty { Console.note("nothing was found in \(collection)") }
        for (index, hit) in reply.hits.enumerated() {
            let place = hit.source.name ?? hit.documentID
            let score = hit.score.formatted(digits: 3)
            print("\(index + 1). \(score)  \(place), bytes \(hit.source.start)-\(hit.source.end)")
            if let title = hit.title { print("   \(title)") }
            if let scores = hit.scores { print("   \(explained(scores))") }
            print(indented(hit.text))
            print("")
        }
        if let degraded = reply.degraded { Console.note("degraded: \(degraded)") }
        if let timing = reply.timing {
            let stages = [
                "embed": timing.embed, "search": timing.search, "rerank": timing.rerank,
                "total": timing.total,
            ]
            let text = stages.sorted { $0.key < $1.key }
                .map { "\($0.key) \(Float($0.value).formatted(digits: 1)) ms" }
            Console.note(text.joined(separator: ", "))
        }
    }

    private func explained(_ scores: HitReply.Scores) -> String {
        let stages = [
            ("dense", scores.dense), ("lexical", scores.lexical), ("fused", scores.fused),
            ("rerank", scores.rerank), ("mmr", scores.mmr),
        ]
        return stages.compactMap { name, score in
            score.map { "\(name) \($0.formatted(digits: 3))" }
        }
        .joined(separator: ", ")
    }

    /// The passage with its lines indented, at most ten of them.
    private func indented(_ text: String) -> String {
        let lines = text.split(separator: "\n").map { "   | \($0)" }
        let rest = lines.count > 10 ? ["   | (\(lines.count - 10) more lines)"] : []
        return (lines.prefix(10) + rest).joined(separator: "\n")
    }
}

extension Float {
    /// The number with so many digits after the point.
    func formatted(digits: Int) -> String {
        String(format: "%.\(digits)f", Double(self))
    }
}
