import ArgumentParser

/// Checks one model from its files to its vectors or scores.
struct ModelVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Hash a model's files, load it, and check the vectors or scores it makes.",
        discussion: "Each precision is compared with f32 on texts that are built in."
    )

    @Argument(help: "The model's folder.")
    var directory: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let report = try VerifyReport(ModelFiles(directory: directory))
        if json {
            try Console.json(report.answer)
        } else {
            for line in report.lines { print(line) }
        }
        guard report.findings.isEmpty else {
            throw CommandFailure(report.findings.joined(separator: "; "))
        }
    }
}
