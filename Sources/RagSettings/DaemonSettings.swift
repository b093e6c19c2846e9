package import Logging
package import RagCore
package import RagHTTP

/// What was given on the command line; nil where nothing was.
package struct DaemonFlags: Sendable {
    package var configuration: String?
    package var data: String?
    package var models: String?
    package var listen: ListenAddress?
    package var model: String?
    package var precisions: ModelPrecisions?
    package var threads: Int?
    package var memory: MemorySize?
    package var log: Logger.Level?

    package init() {}
}

/// Every setting of the daemon with its origin: default, then file, then environment, then flag.
package struct DaemonSettings: Sendable {
    /// The configuration file, when there is one.
    package let file: DaemonFile?
    package let data: Setting<String>
    package let models: Setting<String>
    package let listen: Setting<ListenAddress>
    package let model: Setting<String>
    package let precisions: Setting<ModelPrecisions>
    package let threads: Setting<Int>
    package let memory: Setting<MemorySize?>
    package let log: Setting<Logger.Level>
    package let apiKey: Setting<String?>

    /// Reads the file that flag or environment name, and decides every setting.
    ///
    /// - Throws: `SettingsError` naming where a value that cannot be used was given.
    package init(
        _ flags: DaemonFlags,
        environment: [String: String]
    ) throws(SettingsError) {
        let path = flags.configuration ?? environment["RAGD_CONFIG"]
        if path?.isEmpty == true {
            throw SettingsError("RAGD_CONFIG is set but empty; unset it, or name a file")
        }
        var file: DaemonFile?
        if let path { file = try DaemonFile(path: path) }
        self.file = file

        func resolve<Value>(
            _ name: String,
            _ variable: String,
            _ flag: Value?,
            _ said: Value?,
            _ standard: Value,
            _ parse: (String) -> Value?
        ) throws(SettingsError) -> Setting<Value> {
            try .resolve(
                name,
                flag: flag,
                variable: variable,
                environment: environment,
                file: file.map { ($0.path, said) },
                standard: standard,
                parse: parse
            )
        }
        let standard = RagConfiguration()
        data = try resolve("--data", "RAGD_DATA", flags.data, file?.data, standard.dataDirectory) {
            $0
        }
        models = try resolve(
            "--models",
            "RAGD_MODELS",
            flags.models,
            file?.models,
            standard.modelsDirectory
        ) { $0 }
        listen = try resolve("--listen", "RAGD_LISTEN", flags.listen, file?.listen, .standard) {
            ListenAddress($0)
        }
        model = try resolve(
            "--model",
            "RAGD_MODEL",
            flags.model,
            file?.defaultModel,
            standard.defaultModel
        ) { $0 }
        precisions = try resolve(
            "--precision",
            "RAGD_PRECISION",
            flags.precisions,
            file?.precisions,
            standard.precisions
        ) { ModelPrecisions($0) }
        threads = try resolve(
            "--threads",
            "RAGD_THREADS",
            flags.threads,
            file?.threads,
            standard.threads
        ) { Int($0) }
        memory = try resolve(
            "--memory",
            "RAGD_MEMORY",
            flags.memory.map(MemorySize?.some),
            file?.memory.map(MemorySize?.some),
            nil
        ) { MemorySize($0).map(MemorySize?.some) }
        log = try resolve("--log", "RAGD_LOG", flags.log, file?.log, .info) {
            Logger.Level(rawValue: $0)
        }
        // There is no flag for the key: every user of the machine can read another's command line.
        // An empty one is kept: the server refuses it.
        if let key = environment["RAGD_API_KEY"] {
            apiKey = Setting(value: key, origin: .environment("RAGD_API_KEY"))
        } else if let file, let key = file.apiKey {
            apiKey = Setting(value: key, origin: .file(file.path))
        } else {
            apiKey = Setting(value: nil, origin: .standard)
        }
    }

    /// The part that `RagCore` is started with.
    package var core: RagConfiguration {
        RagConfiguration(
            dataDirectory: data.value,
            modelsDirectory: models.value,
            models: file?.entries ?? [],
            defaultModel: model.value,
            precisions: precisions.value,
            threads: threads.value,
            memoryByteCountMax: memory.value?.byteCount
        )
    }

    /// The part that the HTTP server is started with.
    package var server: RagHTTPServer.Configuration {
        RagHTTPServer.Configuration(address: listen.value, apiKey: apiKey.value)
    }

    /// The models that requests can name, by what is on disk now.
    ///
    /// - Throws: `SettingsError` with the line when two models would answer to one name.
    package func roster() throws(SettingsError) -> ModelRoster {
        do throws(RagError) {
            return try ModelRoster(
                entries: file?.entries ?? [],
                directory: models.value,
                folders: ModelRoster.folders(in: models.value),
                isStrict: true
            )
        } catch {
            throw file?.located(error) ?? SettingsError(error.message)
        }
    }

    /// Name, value and origin of each, for people; the key itself is not shown.
    package var lines: [(name: String, value: String, origin: String)] {
        [
            ("data", data.value, "\(data.origin)"),
            ("models", models.value, "\(models.origin)"),
            ("listen", "\(listen.value)", "\(listen.origin)"),
            ("model", model.value, "\(model.origin)"),
            ("precision", "\(precisions.value)", "\(precisions.origin)"),
            ("threads", "\(threads.value)", "\(threads.origin)"),
            ("memory", memory.value.map { "\($0)" } ?? "no limit", "\(memory.origin)"),
            ("log", log.value.rawValue, "\(log.origin)"),
            ("API key", apiKey.value == nil ? "none" : "set", "\(apiKey.origin)"),
        ]
    }
}
