import Foundation
import Logging
import RagCore
import RagHTTP
import RagSettings
import TestSupport
import Testing

@Suite("Settings of the daemon")
struct DaemonSettingsTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    private func file(_ text: String) throws -> String {
        let url = folder.url.appendingPathComponent("ragd.toml")
        try Data(text.utf8).write(to: url)
        return url.path
    }

    private func addModel(_ name: String) throws {
        let url = folder.url.appendingPathComponent("models/\(name)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        try Data("{}".utf8).write(to: url.appendingPathComponent("config.json"))
    }

    @Test("a flag wins over the environment, that over the file, and that over the default")
    func precedence() throws {
        let path = try file("data = 'f'\nlisten = '127.0.0.1:1'\nthreads = 3\nlog = 'debug'")
        var flags = DaemonFlags()
        flags.configuration = path
        flags.threads = 5
        let settings = try DaemonSettings(
            flags,
            environment: ["RAGD_LISTEN": "127.0.0.1:2", "RAGD_THREADS": "4", "RAGD_CONFIG": "x"]
        )
        #expect(settings.data.value == "f" && settings.data.origin == .file(path))
        #expect(settings.listen.value.port == 2)
        #expect(settings.listen.origin == .environment("RAGD_LISTEN"))
        #expect(settings.memory.value == nil && settings.memory.origin == .standard)
        #expect(settings.threads.value == 5 && settings.threads.origin == .flag("--threads"))
        #expect(settings.log.value == .debug)
        #expect(settings.models.origin == .standard)
        #expect(settings.lines.contains { $0.origin == "file \(path)" })
    }

    @Test("a variable that cannot be read is refused by name")
    func refusesVariable() {
        for (name, value) in [("RAGD_THREADS", "many"), ("RAGD_DATA", ""), ("RAGD_CONFIG", "")] {
            let error = #expect(throws: SettingsError.self) {
                try DaemonSettings(DaemonFlags(), environment: [name: value])
            }
            #expect(error?.description.contains(name) == true)
        }
    }

    @Test(
        "no two models have a name in common",
        arguments: [
            ("[[model]]\nid='a'\n[[model]]\nid='a'\nfolder='b'", 4),
            ("[[model]]\nid='x'\nfolder='a'\naliases=['y','x']", 4),
            ("[[model]]\nid='x'\nfolder='a'\naliases=['y']\n[[model]]\nid='y'\nfolder='b'", 6),
            ("[[model]]\nid='x'\nfolder='a'\naliases=['b']", 4),
            ("[[model]]\nid='b'\nfolder='a'", 2),
        ] as [(String, Int)]
    )
    func refusesSharedNames(text: String, line: Int) throws {
        try addModel("a")
        try addModel("b")
        let path = try file("models = '\(folder.path)/models'\n" + text)
        let settings = try DaemonSettings(DaemonFlags(), environment: ["RAGD_CONFIG": path])
        let error = #expect(throws: SettingsError.self) { try settings.roster() }
        #expect(error?.description.hasPrefix("\(path):\(line + 1):") == true, "\(error!)")
        #expect(error?.description.contains("is taken by") == true)
    }

    @Test("folders without an entry keep their names; an entry's own folder may be its alias")
    func roster() throws {
        try addModel("a")
        try addModel("b")
        let path = try file(
            """
            models = '\(folder.path)/models'
            [[model]]
            id = 'x'
            folder = 'a'
            aliases = ['a', 'org/x']
            [[model]]
            id = 'far'
            folder = '/nonexistent/far'
            """
        )
        let settings = try DaemonSettings(DaemonFlags(), environment: ["RAGD_CONFIG": path])
        let roster = try settings.roster()
        #expect(roster.models.map(\.entry.id) == ["x", "far", "b"])
        #expect(roster.model("org/x")?.place == .folder("\(folder.path)/models/a"))
        #expect(roster.model("a")?.entry.id == "x" && roster.model("b")?.entry.id == "b")
        #expect(roster.model("../b") == nil && roster.model("/nonexistent/far") == nil)
        #expect(roster.missing.count == 1 && roster.missing[0].contains("/nonexistent/far"))
    }

    @Test("memory is read from flag, environment and file, and shown as it is written")
    func memory() throws {
        let path = try file("memory = '2GiB'")
        var flags = DaemonFlags()
        flags.configuration = path
        var settings = try DaemonSettings(flags, environment: [:])
        #expect(settings.core.memoryByteCountMax == 2 << 30)
        #expect(settings.lines.contains { $0.name == "memory" && $0.value == "2GiB" })
        settings = try DaemonSettings(flags, environment: ["RAGD_MEMORY": "1536MiB"])
        #expect(settings.core.memoryByteCountMax == 1_536 << 20)
        flags.memory = MemorySize("3GiB")
        settings = try DaemonSettings(flags, environment: ["RAGD_MEMORY": "1536MiB"])
        #expect(settings.core.memoryByteCountMax == 3 << 30)
        #expect(settings.memory.origin == .flag("--memory"))
        #expect(throws: SettingsError.self) {
            try DaemonSettings(DaemonFlags(), environment: ["RAGD_MEMORY": "much"])
        }
    }
}
