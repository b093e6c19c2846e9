import ArgumentParser
import Foundation

/// Lists the models folder.
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
        let bytes: Int
    }

    func run() async throws {
        let directory = try options.settings().models.value
        let models = try ModelFiles.models(in: directory)
        if models.isEmpty {
            Console.note("\(directory) has no folder with a config.json; 'make model' fetches one")
        }
        for model in models {
            let bytes = try model.files().reduce(0) { $0 + $1.byteCount }
            if json {
                try Console.json(Line(name: model.name, bytes: bytes))
            } else {
                print("\(model.name)  \(bytes / 1_000_000) MB")
            }
        }
    }
}
