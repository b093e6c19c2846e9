import ArgumentParser
import Foundation
import RagCore
import RagHTTP
import RagSettings

/// The flags of the daemon, shared by `serve`, `model` and `doctor`.
struct DaemonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Configuration file (TOML); config/ragd.toml explains every key. Default: none, or "
                + "RAGD_CONFIG.",
            valueName: "file"
        )
    )
    var config: String?

    @Option(
        help: ArgumentHelp(
            "Folder of the database; made when missing. Default: ./ragd-data, or RAGD_DATA.",
            valueName: "dir"
        )
    )
    var data: String?

    @Option(
        help: ArgumentHelp(
            "Folder of the models. Default: ./models, or RAGD_MODELS.",
            valueName: "dir"
        )
    )
    var models: String?

    @Option(
        help: ArgumentHelp(
            "Address to listen on; port 0 picks a free one. Default: 127.0.0.1:7711, or RAGD_LISTEN.",
            valueName: "host:port"
        ),
        transform: { text in
            guard let address = ListenAddress(text) else {
                throw ValidationError("expected HOST:PORT, such as 127.0.0.1:7711")
            }
            return address
        }
    )
    var listen: ListenAddress?

    @Option(
        help: ArgumentHelp(
            "Default model. Default: all-MiniLM-L6-v2, or RAGD_MODEL.",
            valueName: "name"
        )
    )
    var model: String?

    @Option(
        help: ArgumentHelp(
            "Numbers that models multiply in: auto, f32, bf16 or int8, and NAME=... for a model of "
                + "its own, separated by commas. Default: auto, or RAGD_PRECISION.",
            valueName: "list"
        ),
        transform: { text in
            guard let precisions = ModelPrecisions(text) else {
                throw ValidationError(
                    "expected auto, f32, bf16 or int8, or a list such as auto,bge-base=f32"
                )
            }
            return precisions
        }
    )
    var precision: ModelPrecisions?

    @Option(
        help: ArgumentHelp(
            "Inference threads. Default: one a core, or RAGD_THREADS.",
            valueName: "n"
        )
    )
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "Memory that indexes and page caches may take, such as 4GiB; what would need more is "
                + "refused. Default: no limit, or RAGD_MEMORY.",
            valueName: "size"
        ),
        transform: { text in
            guard let size = MemorySize(text) else {
                throw ValidationError("expected \(MemorySize.expected)")
            }
            return size
        }
    )
    var memory: MemorySize?

    /// The flags, for `DaemonSettings`.
    var flags: DaemonFlags {
        var flags = DaemonFlags()
        flags.configuration = config
        flags.data = data
        flags.models = models
        flags.listen = listen
        flags.model = model
        flags.precisions = precision
        flags.threads = threads
        flags.memory = memory
        return flags
    }

    /// Flags, then the environment, then the configuration file, then defaults.
    func settings() throws -> DaemonSettings {
        try DaemonSettings(flags, environment: ProcessInfo.processInfo.environment)
    }
}
