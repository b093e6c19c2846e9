import ArgumentParser
import RagSettings

/// Checks everything that the daemon needs, and says what each setting is and where it comes from.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check this machine, the settings, the models and the data folder.",
        discussion:
            "Takes the same flags as serve. Exit code 1 when something would keep it from serving."
    )

    @OptionGroup var options: DaemonOptions

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func run() async throws {
        let settings = try options.settings()
        var diagnosis = Diagnosis()
        diagnosis.note("version", Version.current)
        for line in settings.lines {
            diagnosis.note("setting \(line.name)", "\(line.value) (\(line.origin))")
        }
        for warning in settings.file?.warnings ?? [] { diagnosis.warn("configuration", warning) }
        diagnosis.checkAddress(settings)
        diagnosis.checkProcessor(threads: settings.threads.value)
        diagnosis.checkLibraries()
        diagnosis.checkModels(settings)
        await diagnosis.checkRemoteModels(settings)
        diagnosis.checkData(settings.data.value)
        for finding in diagnosis.findings {
            if json { try Console.json(finding) } else { print(finding) }
        }
        guard !diagnosis.hasFailed else {
            throw CommandFailure("this would keep ragd from serving as configured")
        }
    }
}
