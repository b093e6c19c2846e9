import ArgumentParser
import Foundation
import ModelHub
import RagSettings

/// Fetches a model from a hub into the models folder.
struct ModelPull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Fetch a model from the Hugging Face hub into the models folder.",
        discussion: """
            Fetches configuration, tokenizer and safetensors, never pickle or code, and checks every \
            hash. What was interrupted goes on where it stopped. HF_ENDPOINT names a mirror, HF_TOKEN \
            is sent for private and gated models.
            """
    )

    @Argument(
        help: ArgumentHelp(
            "The repository, such as Qwen/Qwen3-Embedding-0.6B; a branch, tag or commit behind '@'.",
            valueName: "repo[@revision]"
        )
    )
    var repository: String

    @Option(help: "A branch, tag or commit. Default: main.")
    var revision: String?

    @Option(help: "The model's name here. Default: the repository's last part.")
    var name: String?

    @Option(
        help: ArgumentHelp(
            "Folder of the models. Default: ./models, or RAGD_MODELS, or that of RAGD_CONFIG's file.",
            valueName: "dir"
        )
    )
    var models: String?

    @Flag(help: "Leave the weights out: for a model that another server computes.")
    var tokenizerOnly = false

    @Flag(help: "Replace the model that has this name.")
    var force = false

    @Flag(help: "Print one JSON object a line.")
    var json = false

    /// The last line of `--json`.
    private struct Done: Encodable {
        let event = "done"
        let directory: String
        let commit: String
        let files: Int
        let bytes: Int
        let wasThere: Bool

        private enum CodingKeys: String, CodingKey {
            case event
            case directory
            case commit
            case files
            case bytes
            case wasThere = "was_there"
        }
    }

    private var environment: [String: String] { ProcessInfo.processInfo.environment }

    func run() async throws {
        let outcome = try await pull()
        if json {
            try Console.json(
                Done(
                    directory: outcome.directory,
                    commit: outcome.commit,
                    files: outcome.fileCount,
                    bytes: outcome.byteCount,
                    wasThere: outcome.wasThere
                )
            )
        } else if outcome.wasThere {
            print("\(outcome.directory) is there already, at \(outcome.commit)")
        } else {
            let size = ByteCount(outcome.byteCount)
            print("\(outcome.directory): \(outcome.fileCount) files, \(size), at \(outcome.commit)")
        }
        if !tokenizerOnly {
            Console.note("check it with: ragd model verify \(outcome.directory)")
        }
    }

    private func pull() async throws -> HubPull.Outcome {
        var flags = DaemonFlags()
        flags.models = models
        var request = HubPull.Request(
            reference: try RepositoryReference(repository, revision: revision),
            modelsDirectory: try DaemonSettings(flags, environment: environment).models.value
        )
        request.name = name
        request.tokenizerOnly = tokenizerOnly
        request.replace = force
        let display = makeDisplay()
        defer { display.end() }
        return try await HubPull(settings: hub()).run(request) { display.show($0) }
    }

    private func makeDisplay() -> any PullDisplay {
        if json { return PullEventLines() }
        return Console.isTerminal ? PullBar() : PullLines()
    }

    private func hub() -> HubSettings {
        var settings = HubSettings()
        if let endpoint = environment["HF_ENDPOINT"], !endpoint.isEmpty {
            settings.endpoint = endpoint
        }
        if let token = environment["HF_TOKEN"], !token.isEmpty { settings.token = token }
        return settings
    }
}
