import ArgumentParser

/// Looks at models on disk, without a daemon.
struct Model: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at the models on disk.",
        subcommands: [ModelList.self, ModelVerify.self]
    )
}
