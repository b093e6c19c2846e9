import ArgumentParser
import Foundation
import RagCore
import RagHTTP
import RagSettings
import RemoteEngine

/// Checks a configuration file without starting anything.
struct ConfigCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a configuration file, and print every setting with its origin.",
        discussion: """
            Takes the same flags and variables as serve, so that what it prints is what serve would \
            do. Nothing is loaded and nothing is opened. Exit code 1 when serve would refuse it.
            """
    )

    @Argument(help: "The file. Default: --config, or RAGD_CONFIG.")
    var file: String?

    @OptionGroup var options: DaemonOptions

    @Flag(help: "Print one JSON object a line.")
    var json = false

    /// One line of `--json`.
    private struct Line: Encodable {
        let setting: String
        let value: String
        let origin: String
    }

    func validate() throws {
        guard file == nil || options.config == nil else {
            throw ValidationError("the file is given twice; leave out --config")
        }
    }

    func run() async throws {
        var flags = options.flags
        if let file { flags.configuration = file }
        let settings = try DaemonSettings(
            flags,
            environment: ProcessInfo.processInfo.environment
        )
        try settings.server.validate()
        let roster = try settings.roster()
        for line in settings.lines { try show(line.name, line.value, line.origin) }
        for model in roster.models {
            let names = ([model.entry.id] + model.entry.aliases).joined(separator: ", ")
            let isEntry = settings.file?.entries.contains { $0.id == model.entry.id } ?? false
            let origin = isEntry ? settings.file.map { "file \($0.path)" } : nil
            try show("model", "\(names) \(model.place)", origin ?? "models folder")
            if case .server(let endpoint, _) = model.place {
                do throws(RagError) {
                    try HTTPRemoteConnector().check(endpoint)
                } catch {
                    throw CommandFailure("model '\(model.entry.id)': \(error.message)")
                }
            }
        }
        for warning in settings.file?.warnings ?? [] { Console.note("warning: \(warning)") }
        guard roster.missing.isEmpty else {
            throw CommandFailure(roster.missing.joined(separator: "\n"))
        }
        guard roster.model(settings.model.value) != nil else {
            throw CommandFailure(
                "the default model '\(settings.model.value)' (\(settings.model.origin)) is not there; "
                    + "'make model' fetches \(settings.model.value), or set default_model"
            )
        }
    }

    private func show(_ name: String, _ value: String, _ origin: String) throws {
        if json {
            try Console.json(Line(setting: name, value: value, origin: origin))
        } else {
            print("\(name.padding(toLength: 10, withPad: " ", startingAt: 0)) \(value) (\(origin))")
        }
    }
}
