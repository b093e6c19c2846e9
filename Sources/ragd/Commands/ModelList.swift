import ArgumentParser
import Foundation
import RagCore
import RagSettings

/// Lists the models of the models folder and of the configuration.
struct ModelList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the models that requests can name."
    )

    @OptionGroup var options: DaemonOptions

    @Flag(help: "Print one JSON object a line.")
    var json = false

    /// One line of `--json`.
    private struct Line: Encodable {
        let name: String
        let aliases: [String]
        let folder: String
        let bytes: Int
    }

    func run() async throws {
        let settings = try options.settings()
        let models = try settings.roster().models.sorted { $0.entry.id < $1.entry.id }
        if models.isEmpty {
            Console.note(
                "\(settings.models.value) has no folder with a config.json; 'make model' fetches one"
            )
        }
        for model in models {
            let files = try ModelFiles(directory: model.path).files()
            let bytes = files.reduce(0) { $0 + $1.byteCount }
            let entry = model.entry
            if json {
                try Console.json(
                    Line(
                        name: entry.id,
                        aliases: entry.aliases,
                        folder: model.path,
                        bytes: bytes
                    )
                )
            } else {
                let aliases =
                    entry.aliases.isEmpty ? "" : "  (\(entry.aliases.joined(separator: ", ")))"
                print("\(entry.id)  \(bytes / 1_000_000) MB\(aliases)")
            }
        }
    }
}
