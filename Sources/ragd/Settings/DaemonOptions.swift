import ArgumentParser
import Foundation
import RagCore
import RagHTTP

/// The flags of the daemon, shared by `serve`, `model` and `doctor`.
struct DaemonOptions: ParsableArguments {
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

    /// Flags, then the environment, then defaults.
    func settings() throws -> DaemonSettings {
        try DaemonSettings(self)
    }
}

/// Every setting of the daemon with its origin.
struct DaemonSettings: Sendable {
    let data: Setting<String>
    let models: Setting<String>
    let listen: Setting<ListenAddress>
    let model: Setting<String>
    let precisions: Setting<ModelPrecisions>
    let threads: Setting<Int>
    let apiKey: Setting<String?>

    init(_ options: DaemonOptions) throws {
        let standard = RagConfiguration()
        data = try .resolve(
            "--data",
            variable: "RAGD_DATA",
            flag: options.data,
            standard: standard.dataDirectory
        ) { $0 }
        models = try .resolve(
            "--models",
            variable: "RAGD_MODELS",
            flag: options.models,
            standard: standard.modelsDirectory
        ) { $0 }
        listen = try .resolve(
            "--listen",
            variable: "RAGD_LISTEN",
            flag: options.listen,
            standard: .standard
        ) { ListenAddress($0) }
        model = try .resolve(
            "--model",
            variable: "RAGD_MODEL",
            flag: options.model,
            standard: standard.defaultModel
        ) { $0 }
        precisions = try .resolve(
            "--precision",
            variable: "RAGD_PRECISION",
            flag: options.precision,
            standard: standard.precisions
        ) { ModelPrecisions($0) }
        threads = try .resolve(
            "--threads",
            variable: "RAGD_THREADS",
            flag: options.threads,
            standard: standard.threads
        ) { Int($0) }
        // There is no flag for the key: every user of the machine can read another's command line.
        let key = ProcessInfo.processInfo.environment["RAGD_API_KEY"]
        apiKey = Setting(
            name: "API key",
            value: key,
            origin: key == nil ? .standard : .environment("RAGD_API_KEY")
        )
    }

    /// The part that `RagCore` is started with.
    var core: RagConfiguration {
        RagConfiguration(
            dataDirectory: data.value,
            modelsDirectory: models.value,
            defaultModel: model.value,
            precisions: precisions.value,
            threads: threads.value
        )
    }

    /// The part that the HTTP server is started with.
    var server: RagHTTPServer.Configuration {
        RagHTTPServer.Configuration(address: listen.value, apiKey: apiKey.value)
    }

    /// Name, value and origin of each, for `doctor`; the key itself is not shown.
    var lines: [(name: String, value: String, origin: String)] {
        [
            ("data", data.value, "\(data.origin)"),
            ("models", models.value, "\(models.origin)"),
            ("listen", "\(listen.value)", "\(listen.origin)"),
            ("model", model.value, "\(model.origin)"),
            ("precision", "\(precisions.value)", "\(precisions.origin)"),
            ("threads", "\(threads.value)", "\(threads.origin)"),
            ("API key", apiKey.value == nil ? "none" : "set", "\(apiKey.origin)"),
        ]
    }
}
