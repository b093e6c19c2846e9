import Foundation
import RagHTTP
import TestSupport

/// A `ragd serve` of its own process, on a free port.
///
/// Thread safety: used by one test at a time; the process is the only state.
final class Daemon: Sendable {
    /// The built binary: `RAGD_BINARY`, or the one in `.build/release`.
    static func binary() throws -> URL {
        let path =
            ProcessInfo.processInfo.environment["RAGD_BINARY"]
            ?? ModelsFolder.packageRoot.appendingPathComponent(".build/release/ragd").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Failure(description: "there is no \(path); 'make build' makes it")
        }
        return URL(fileURLWithPath: path)
    }

    /// What kept a daemon from doing its work.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Where it listens.
    let url: String

    private let process: Process
    private let log: URL

    /// Starts a daemon and waits until it accepts connections.
    init(data: String, environment: [String: String] = [:]) async throws {
        log = FileManager.default.temporaryDirectory
            .appendingPathComponent("ragd-test-\(UUID().uuidString).log")
        try Data().write(to: log)
        process = Process()
        process.executableURL = try Self.binary()
        process.arguments = [
            "serve", "--data", data, "--models", try ModelsFolder.path(), "--listen",
            "127.0.0.1:0", "--threads", "2",
        ]
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardError = try FileHandle(forWritingTo: log)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        url = try await Self.address(in: log, of: process)
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: log)
    }

    /// A client of this daemon.
    var client: RagClient { RagClient(url: url) }

    /// What it has written to standard error.
    var output: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// Sends a signal and waits for the end.
    ///
    /// - Returns: the exit code, or the negated number of the signal that ended the process.
    @discardableResult
    func stop(_ signal: Int32 = SIGTERM) async throws -> Int32 {
        kill(process.processIdentifier, signal)
        try await Self.wait(seconds: 60, "the daemon does not stop") { !process.isRunning }
        let status = process.terminationStatus
        return process.terminationReason == .exit ? status : -status
    }

    private static func address(in log: URL, of process: Process) async throws -> String {
        let mark = "listening on "
        var address: String?
        try await wait(seconds: 60, "the daemon does not listen") {
            let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
            // A whole line only: it may be read while it is being written.
            for line in text.split(separator: "\n").dropLast(text.hasSuffix("\n") ? 0 : 1)
            where line.hasPrefix(mark) {
                address = String(line.dropFirst(mark.count))
            }
            if address == nil, !process.isRunning {
                throw Failure(description: "the daemon ended at once:\n\(text)")
            }
            return address != nil
        }
        return address ?? ""
    }

    private static func wait(
        seconds: Int,
        _ complaint: String,
        until condition: () throws -> Bool
    ) async throws {
        for _ in 0..<seconds * 50 {
            if try condition() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Failure(description: "\(complaint) within \(seconds) s")
    }
}
