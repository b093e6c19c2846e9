import ArgumentParser
import Foundation
import RagCore
import RagHTTP
import VectorStore

/// Sends files to a running daemon.
struct Ingest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Store text and Markdown files.",
        discussion: """
            Folders are walked; hidden files are passed over, and files that are neither text nor \
            Markdown are reported as skipped. A document's id is its path as given, so that a \
            second run updates what has changed and leaves the rest alone.
            """
    )

    @Argument(help: "Files and folders.")
    var paths: [String]

    @Option(help: "Where to store; made when missing.")
    var collection: String

    @Option(help: "The model of a collection that has to be made.")
    var model: String?

    @Option(help: "How words of a collection that has to be made are stemmed.", transform: choice)
    var language: TextLanguage?

    @OptionGroup var daemon: ClientOptions

    /// One line of `--json` for a file that was left out.
    private struct SkippedLine: Encodable {
        let id: String
        let status = "skipped"
        let reason: String
    }

    func run() async throws {
        let client = try daemon.client()
        let paths = try FileWalk(paths).paths
        var uploader = Uploader(client: client, collection: collection)
        try await uploader.prepare(model: model, language: language)
        var summary = IngestSummary(fileCount: paths.count)
        for path in paths {
            let document: DocumentInput
            do throws(TextFile.Skipped) {
                document = try TextFile(path: path).document()
            } catch {
                try report(path, skipped: error.reason, in: &summary)
                continue
            }
            try report(await uploader.add(document), in: &summary)
        }
        try report(await uploader.flush(), in: &summary)
        Console.endProgress()
        Console.note("\(collection): \(summary)")
        if summary.failedCount > 0 { throw SilentFailure() }
    }

    private func report(_ outcomes: [OutcomeReply], in summary: inout IngestSummary) throws {
        for outcome in outcomes {
            summary.add(outcome)
            if daemon.json {
                try Console.json(outcome)
            } else if let error = outcome.error {
                Console.endProgress()
                Console.note("failed: \(outcome.id): \(error.message)")
            }
        }
        Console.progress("\(summary.seenCount) of \(summary.fileCount) files")
    }

    private func report(
        _ path: String,
        skipped reason: String,
        in summary: inout IngestSummary
    ) throws {
        summary.skippedCount += 1
        if daemon.json {
            try Console.json(SkippedLine(id: path, reason: reason))
        } else {
            Console.endProgress()
            Console.note("skipped: \(path): \(reason)")
        }
    }
}
