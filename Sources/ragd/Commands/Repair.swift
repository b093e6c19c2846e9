import ArgumentParser
import VectorStore

/// Makes what is derived again, in a stopped data folder.
struct Repair: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make indexes again from the stored texts and rows; the daemon must be stopped.",
        discussion: """
            The daemon repairs by itself what it meets. This is for a folder that it does not start \
            with, or in which verify finds what no search has met. Damaged vectors are made again by \
            the daemon, which has the model; damaged texts have to be sent again.
            """
    )

    @OptionGroup var options: DataOptions

    func run() async throws {
        let path = try options.folder()
        let report = try VectorStore.repair(directory: path)
        for finding in report.findings { print("DAMAGED \(finding)") }
        guard report.findings.isEmpty else {
            throw CommandFailure("\(path) has \(report.findings.count) findings left")
        }
        print("\(path) is whole; the next start builds its graphs")
    }
}
