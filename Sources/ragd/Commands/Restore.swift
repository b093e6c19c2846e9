import ArgumentParser
import RagCore

/// Makes a data folder of a backup.
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the data folder from a backup that verifies.",
        discussion: """
            A folder that exists is refused, or with --replace kept beside under another name. No \
            daemon may have it open.
            """
    )

    @Argument(help: "The backup's folder.")
    var source: String

    @OptionGroup var options: DataOptions

    @Flag(help: "Put the backup in the place of a data folder that exists.")
    var replace = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let summary = try Backup(source).restore(to: try options.folder(), replacing: replace)
        try BackupSummary(summary).show(json: json)
    }
}
