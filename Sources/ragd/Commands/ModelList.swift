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
        var folder: String?
        var url: String?
        var bytes: Int?
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
            let entry = model.entry
            var line = Line(name: entry.id, aliases: entry.aliases)
            let size: String
            switch model.place {
            case .folder(let path):
                let files = try ModelFiles(directory: path).files()
                let bytes = files.reduce(0) { $0 + $1.byteCount }
                line.folder = path
                line.bytes = bytes
                size = "\(bytes / 1_000_000) MB"
            case .server(let endpoint, _):
                line.url = endpoint.url
                size = "at \(endpoint.url)"
            }
            if json {
                try Console.json(line)
            } else {
                let aliases =
                    entry.aliases.isEmpty ? "" : "  (\(entry.aliases.joined(separator: ", ")))"
                print("\(entry.id)  \(size)\(aliases)")
            }
        }
    }
}
