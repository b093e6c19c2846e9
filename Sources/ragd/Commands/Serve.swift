import ArgumentParser
import Foundation
import Kernels
import Logging
import RagCore
import RagHTTP
import RagSettings
import RemoteEngine

/// Runs the daemon until it is told to stop.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the daemon.",
        discussion: """
            Prints "listening on http://HOST:PORT" on standard error once it accepts connections. \
            SIGTERM and SIGINT stop it: requests that were accepted finish, the store is closed, \
            and the exit code is 0.
            """
    )

    @OptionGroup var options: DaemonOptions

    @Option(
        help: ArgumentHelp(
            "trace, debug, info, notice, warning or error. Default: info, or RAGD_LOG.",
            valueName: "level"
        ),
        transform: choice
    )
    var log: Logger.Level?

    func run() async throws {
        Allocator.keepSmall()
        Self.shortenSlices()
        var flags = options.flags
        flags.log = log
        let settings = try DaemonSettings(
            flags,
            environment: ProcessInfo.processInfo.environment
        )
        // Refused before anything is opened: a wrong address must not cost a model's loading time.
        try settings.server.validate()
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var logger = Logger(label: "ragd")
        logger.logLevel = settings.log.value
        for warning in settings.file?.warnings ?? [] { logger.warning("\(warning)") }

        let service = try await RagService.start(
            configuration: settings.core,
            remote: HTTPRemoteConnector(),
            logger: logger
        )
        let server: RagHTTPServer
        do {
            server = try RagHTTPServer(
                service: service,
                configuration: settings.server,
                logger: logger
            )
        } catch {
            await service.shutdown()
            throw error
        }
        do {
            try await server.run { address in
                Console.note("listening on http://\(address)")
            }
        } catch {
            throw CommandFailure("cannot serve on \(settings.listen.value): \(error)")
        }
    }

    /// Has every thread that there is, and those that they will start, woken at once when work comes.
    private static func shortenSlices() {
        let ids = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        for id in ids.compactMap(Int32.init) { TimeSlice.short.request(forThread: id) }
    }
}
