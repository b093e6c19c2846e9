import ArgumentParser

/// Gets models and looks at those on disk, without a daemon.
struct Model: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Get models, and look at those on disk.",
        subcommands: [ModelPull.self, ModelList.self, ModelVerify.self]
    )
}
