import ArgumentParser
import Foundation
import RagHTTP
import RagSettings

/// The flags of the commands that talk to a running daemon.
struct ClientOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon's address. Default: http://127.0.0.1:7711, or RAGD_URL. "
                + "Its key, if it has one, is taken from RAGD_API_KEY.",
            valueName: "url"
        )
    )
    var url: String?

    @Flag(help: "Print one JSON object a line.")
    var json = false

    /// A client by the flags, then the environment, then defaults.
    func client() throws -> RagClient {
        let url = try Setting.resolve(
            "--url",
            flag: url,
            variable: "RAGD_URL",
            environment: ProcessInfo.processInfo.environment,
            standard: "http://\(ListenAddress.standard)"
        ) { $0 }
        let hasScheme = url.value.hasPrefix("http://") || url.value.hasPrefix("https://")
        guard hasScheme, URL(string: url.value)?.host != nil else {
            throw CommandFailure("\(url.value) is not an address such as http://127.0.0.1:7711")
        }
        let key = ProcessInfo.processInfo.environment["RAGD_API_KEY"]
        return RagClient(url: url.value, apiKey: key)
    }
}
