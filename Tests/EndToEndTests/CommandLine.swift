import Foundation

/// One run of the command line to its end.
struct CommandLineRun {
    /// Exit code.
    let status: Int32
    /// Standard output.
    let output: String
    /// Standard error.
    let errors: String

    /// Runs `ragd` with these arguments.
    init(_ arguments: [String], environment: [String: String] = [:]) async throws {
        let folder = FileManager.default.temporaryDirectory
        let name = UUID().uuidString
        let files = ["out", "err"].map { folder.appendingPathComponent("ragd-\(name).\($0)") }
        for file in files { try Data().write(to: file) }
        defer { for file in files { try? FileManager.default.removeItem(at: file) } }
        let process = Process()
        process.executableURL = try Daemon.binary()
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        // Files rather than pipes: nobody has to read while the command runs.
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        try process.run()
        while process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
        status = process.terminationStatus
        output = try String(contentsOf: files[0], encoding: .utf8)
        errors = try String(contentsOf: files[1], encoding: .utf8)
    }
}
