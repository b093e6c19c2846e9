import ArgumentParser
import Embedder
import RagCore
import RagSettings

/// Measures how fast this machine embeds, without a daemon.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how fast this machine embeds, and on what the time goes.",
        discussion: """
            Loads the model, and has every thread embed texts of --tokens tokens for --seconds. Stop \
            a daemon on the same machine first. For figures beside other engines: `make bench-embed` \
            in the repository.
            """
    )

    @OptionGroup var options: DaemonOptions

    @Option(help: "Tokens of a text.")
    var tokens = 200

    @Option(help: "Seconds to measure for.")
    var seconds = 3.0

    @Flag(help: "Say on what the time goes, by stage.")
    var profile = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard tokens >= 3 else { throw ValidationError("--tokens is at least 3") }
        guard seconds > 0, seconds <= 3_600 else {
            throw ValidationError("--seconds is more than 0 and at most 3600")
        }
    }

    func run() throws {
        let settings = try options.settings()
        guard settings.threads.value >= 1 else {
            throw CommandFailure("\(settings.threads.value) threads; at least 1 is needed")
        }
        let name = settings.model.value
        guard let found = try settings.roster().model(name) else {
            throw CommandFailure(
                "no model is called '\(name)'; 'ragd model list' shows those that there are"
            )
        }
        guard case .folder(let path) = found.place else {
            throw CommandFailure(
                "'\(name)' is computed by another server; only models of this machine are measured"
            )
        }
        let report: BenchmarkReport
        do throws(EmbedderError) {
            let run = BenchmarkRun(
                model: try EmbeddingModel.load(
                    directory: path,
                    name: found.entry.id,
                    setting: settings.precisions.value.setting(
                        for: found.entry.id,
                        entry: found.entry.precision
                    )
                ),
                threads: settings.threads.value,
                tokensMax: tokens
            )
            report = try run.measure(seconds: seconds)
        } catch {
            throw CommandFailure(error.message)
        }
        if json { try Console.json(report) } else { report.show(withStages: profile) }
    }
}
