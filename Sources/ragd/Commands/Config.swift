import ArgumentParser

/// Looks at configuration files.
struct Config: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at the configuration.",
        subcommands: [ConfigCheck.self]
    )
}
