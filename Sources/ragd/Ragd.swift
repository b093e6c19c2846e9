import ArgumentParser
import Foundation

/// The command line, with the exit codes 0 done, 1 failed, 2 wrong usage.
@main
struct Ragd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ragd",
        abstract: "Documents in, ranked and cited passages out.",
        discussion: """
            `ragd serve` runs the daemon; ingest, search, embed, rerank, reindex and eval talk to one that \
            is running, at --url. Exit codes: 0 done, 1 failed, 2 wrong usage.
            """,
        version: Version.current,
        subcommands: [
            Serve.self, Ingest.self, Search.self, Embed.self, Rerank.self, Evaluate.self,
            Reindex.self, Bench.self, Model.self, Config.self, Doctor.self, Verify.self,
            BackupCommand.self, Restore.self, Repair.self,
        ]
    )

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    /// Ends the process with the message and the exit code that `error` stands for.
    private static func end(with error: any Error) -> Never {
        let code = exitCode(for: error)
        if code.isSuccess {
            // Help and version are asked for through errors, too.
            print(fullMessage(for: error))
            exit(withError: ExitCode.success)
        }
        if code == .validationFailure {
            Console.note(fullMessage(for: error))
            exit(withError: ExitCode(2))
        }
        if !(error is SilentFailure) {
            Console.note("ragd: \(error)")
        }
        exit(withError: ExitCode.failure)
    }
}

/// A failure whose reason has been printed already.
struct SilentFailure: Error {}

/// A failure with its reason.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
