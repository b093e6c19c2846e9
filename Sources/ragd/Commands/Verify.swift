import ArgumentParser
import Foundation
import RagCore
import VectorStore

/// Reads a data folder, or a backup, back from its first byte to its last.
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read everything that is stored, and say what is damaged.",
        discussion: """
            Checksums, counts, the words of the full-text indexes against the texts, graphs against \
            rows, filters against metadata, and SQLite's own check. Changes nothing; the daemon may \
            serve the folder meanwhile. Exit code 1 when anything is wrong.
            """
    )

    @OptionGroup var options: DataOptions

    @Option(
        help: ArgumentHelp("Check a backup, its hashes included, instead.", valueName: "dir")
    )
    var backup: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    /// The answer of `--json`.
    private struct Answer: Encodable {
        var path: String
        var findings: [String]
    }

    func run() async throws {
        let path: String
        let findings: [String]
        if let backup {
            path = backup
            findings = try Backup(backup).findings()
        } else {
            path = try options.folder()
            let report = try VectorStore.check(directory: path)
            findings = report.findings
            if !json {
                for collection in report.collections {
                    print(
                        "\(collection.name): \(collection.documentCount) documents, "
                            + "\(collection.chunkCount) chunks"
                    )
                }
            }
        }
        if json {
            try Console.json(Answer(path: path, findings: findings))
        } else {
            for finding in findings { print("DAMAGED \(finding)") }
        }
        guard findings.isEmpty else {
            throw CommandFailure("\(path) has \(findings.count) findings")
        }
        if !json { print("\(path) is whole") }
    }
}
