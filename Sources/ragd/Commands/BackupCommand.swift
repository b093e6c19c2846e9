import ArgumentParser
import RagCore

/// Copies a data folder while it is served.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the data folder into a new folder, checked and whole or not at all.",
        discussion: """
            The daemon may serve the folder meanwhile: the copy is what was committed when it began. \
            It is read back and hashed before it takes its name.
            """
    )

    @Argument(help: "The new folder.")
    var destination: String

    @OptionGroup var options: DataOptions

    @Option(
        help: ArgumentHelp(
            "Megabytes a second to copy at most, so that the daemon keeps the disk; 0 for no limit. "
                + "Default: 64.",
            valueName: "n"
        )
    )
    var rate = 64

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard (0...1 << 20).contains(rate) else {
            throw ValidationError("--rate must be in 0...\(1 << 20), not \(rate)")
        }
    }

    func run() async throws {
        let summary = try Backup(destination).make(
            of: try options.folder(),
            bytesPerSecond: rate == 0 ? nil : rate * 1_000_000,
            version: Version.current
        ) { done in
            Console.progress("\(Int(done * 100)) % copied")
        }
        Console.endProgress()
        try BackupSummary(summary).show(json: json)
    }
}

/// What was backed up or restored, for people or as JSON.
struct BackupSummary: Encodable {
    private let path: String
    private let bytes: Int
    private let collections: Int
    private let documents: Int
    private let replaced: String?

    init(_ summary: Backup.Summary) {
        path = summary.path
        bytes = summary.bytes
        collections = summary.collections
        documents = summary.documents
        replaced = summary.replaced
    }

    func show(json: Bool) throws {
        guard !json else { return try Console.json(self) }
        print("\(path): \(collections) collections, \(documents) documents, \(bytes) bytes")
        if let replaced { print("what was there is in \(replaced)") }
    }
}
