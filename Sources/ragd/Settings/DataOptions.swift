import ArgumentParser
import Foundation
import RagSettings

/// Which data folder a command is about, found as the daemon finds it.
struct DataOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Configuration file (TOML). Default: none, or RAGD_CONFIG.",
            valueName: "file"
        )
    )
    var config: String?

    @Option(
        help: ArgumentHelp(
            "The data folder. Default: ./ragd-data, or RAGD_DATA.",
            valueName: "dir"
        )
    )
    var data: String?

    /// Flag, then the environment, then the configuration file, then the default.
    func folder() throws -> String {
        var flags = DaemonFlags()
        flags.configuration = config
        flags.data = data
        return try DaemonSettings(flags, environment: ProcessInfo.processInfo.environment)
            .data.value
    }
}
