import Foundation
import Logging
import RagCore
import RagHTTP
import RagSettings
import TestSupport
import Testing

@Suite("Configuration files")
struct DaemonFileTests {
    private static let examplePath = "config/ragd.toml"

    private static func example() throws -> String {
        let url = ModelsFolder.packageRoot.appendingPathComponent(examplePath)
        return try String(contentsOf: url, encoding: .utf8)
    }

    private func read(_ text: String) throws -> DaemonFile {
        try DaemonFile(path: "ragd.toml", text: text)
    }

    /// The error that a text is refused with.
    private func refusal(_ text: String) -> String {
        do throws(SettingsError) {
            _ = try DaemonFile(path: "ragd.toml", text: text)
            return ""
        } catch {
            return error.description
        }
    }

    @Test("the example says the defaults")
    func exampleIsDefault() throws {
        let file = try read(Self.example())
        let standard = RagConfiguration()
        #expect(file.data == standard.dataDirectory)
        #expect(file.models == standard.modelsDirectory)
        #expect(file.listen == ListenAddress.standard)
        #expect(file.defaultModel == standard.defaultModel)
        #expect(file.precisions == standard.precisions)
        #expect(file.log == .info)
        #expect(file.threads == nil && file.apiKey == nil && file.entries == [])
    }

    @Test("the example names every key, and with each taken in is still a sound file")
    func exampleIsComplete() throws {
        let text = try Self.example().split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in
                let isKey = line.wholeMatch(of: /#(\[\[\w+\]\]|[a-z_]+ = .*)/) != nil
                let isOther = line.hasPrefix("#query_prompt") || line.hasPrefix("#api_key")
                return isKey && !isOther ? String(line.dropFirst()) : String(line)
            }
            .joined(separator: "\n")
        let file = try read(text)
        let entry = try #require(file.entries.first)
        #expect(file.threads == 2 && entry.load == .start && entry.tokensMax == 8_192)
        #expect(entry.aliases.contains("text-embedding-3-small") && entry.kind == .embedding)
        #expect(entry.instruction?.hasPrefix("Given") == true && entry.documentPrompt != nil)
        // What ragd knows, it says itself.
        for unknown in ["zzzzzzzz = 1", "[[model]]\nid = 'a'\nzzzzzzzz = 1"] {
            let message = refusal(unknown)
            let names = try #require(message.split(separator: "known keys: ").last)
            for name in names.split(separator: ", ") where name != "model" {
                #expect(text.contains(try Regex("(?m)^#?\(name) = ")), "\(name)")
            }
        }
    }

    @Test(
        "a wrong value is refused with its line, itself and what it may be",
        arguments: [
            ("\n\nthreads = 0", ["ragd.toml:3", "threads", "0", "1 to 1024"]),
            ("threads = 'four'", ["ragd.toml:1", "four", "whole number"]),
            ("memory = '4G'", ["ragd.toml:1", "4G", "512MiB"]),
            ("memory = '0MiB'", ["ragd.toml:1", "0MiB"]),
            ("memory = '99999999999TiB'", ["ragd.toml:1", "TiB"]),
            ("memory = 4", ["ragd.toml:1", "memory", "string"]),
            ("threads = 99999999999999999999", ["ragd.toml:1"]),
            ("data = 7", ["ragd.toml:1", "7", "string"]),
            ("data = ''", ["ragd.toml:1", "folder's path"]),
            ("# a\nlisten = '7711'", ["ragd.toml:2", "7711", "HOST:PORT"]),
            ("precision = 'fp8'", ["ragd.toml:1", "fp8", "auto, f32, bf16, int8"]),
            ("log = 'loud'", ["ragd.toml:1", "loud", "debug"]),
            ("api_key = ''", ["ragd.toml:1", "empty"]),
            ("a = 1", ["ragd.toml:1", "'a'", "known keys: api_key, data"]),
            ("\nthread = 1", ["ragd.toml:2", "did you mean threads?"]),
            ("data = './d'\nmodel = 'mini'", ["ragd.toml:2", "[[model]]", "default_model"]),
            ("[[model]]\nfolder = 'x'", ["ragd.toml:1", "model[0].id", "missing"]),
            (
                "[[model]]\nid = 'a'\n[[model]]\nid = 'b'\nmax_token = 5",
                ["ragd.toml:5", "in [[model]]", "did you mean max_tokens?"]
            ),
            ("[[model]]\nid = 'a'\nmax_tokens = 3", ["ragd.toml:3", "16 to"]),
            ("[[model]]\nid = 'a'\nload = 'now'", ["ragd.toml:3", "start, first_use"]),
            ("[[model]]\nid = 'a'\nkind = 'llm'", ["ragd.toml:3", "embedding, reranker"]),
            ("[[model]]\nid = 'a'\naliases = [\n'x',\n1]", ["ragd.toml:3", "list of strings"]),
            ("[[model]]\nid = 'a'\nfolder = '../b'", ["ragd.toml:3", "'../b'", "absolute"]),
            ("[[model]]\nid = 'a/b'", ["ragd.toml:2", "'a/b'", "set folder"]),
            ("[[model]]\nid = 'a b'", ["ragd.toml:2", "white space"]),
            (
                "[[model]]\nid = 'a'\nquery_prompt = 'q: '\ninstruction = 't'",
                ["ragd.toml:4", "one of them"]
            ),
        ] as [(String, [String])]
    )
    func refusesWithLine(text: String, parts: [String]) {
        let message = refusal(text)
        for part in parts { #expect(message.contains(part), "\(message)") }
    }

    @Test("what is no TOML is refused at its line and column")
    func refusesSyntax() {
        #expect(refusal("data = './d'\nlisten = 127.0.0.1").hasPrefix("ragd.toml:2:"))
        #expect(refusal("data = 'a'\ndata = 'b'").hasPrefix("ragd.toml:2:"))
        #expect(refusal("data = \"\"\"\nnever ends").hasPrefix("ragd.toml:"))
    }

    @Test("the line of a value is found below statements that go over several lines")
    func findsLines() {
        let prompt = "[[model]]\nid = 'a'\nquery_prompt = '''\nthreads = 7\n'''\n"
        #expect(refusal(prompt + "document_prompt = 3\n").hasPrefix("ragd.toml:6:"))
        #expect(refusal(prompt + "[[model]]\nid = 'b'\nload = 1\n").hasPrefix("ragd.toml:8:"))
        let long = String(repeating: "# a comment\n\n", count: 500)
        #expect(refusal(long + "threads = 0\n" + long).hasPrefix("ragd.toml:1001:"))
    }

    @Test("a key is never shown, and is warned of when others can read the file")
    func guardsKey() throws {
        #expect(!refusal("api_key = 12345").contains("12345"))
        let folder = try TemporaryDirectory()
        let path = folder.url.appendingPathComponent("ragd.toml").path
        try "api_key = 'k3y'".write(toFile: path, atomically: true, encoding: .utf8)
        for (mode, isWarned) in [(0o644, true), (0o640, false), (0o600, false)] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            let warnings = try DaemonFile(path: path).warnings
            #expect(warnings.isEmpty != isWarned)
            #expect(warnings.allSatisfy { $0.contains("chmod 600") && !$0.contains("k3y") })
        }
        let settings = try DaemonSettings(DaemonFlags(), environment: ["RAGD_CONFIG": path])
        #expect(settings.server.apiKey == "k3y")
        #expect(!"\(settings.lines)".contains("k3y"))
    }

    @Test("a file that cannot be read, is no text or is too large is refused by name")
    func refusesFiles() throws {
        let folder = try TemporaryDirectory()
        let contents: [(String, Data?)] = [
            ("missing", nil), ("bytes", Data([0x61, 0xff, 0xfe])), ("nul", Data([0x61, 0])),
            ("large", Data(repeating: 0x20, count: 300 << 10)),
        ]
        for (name, data) in contents {
            let url = folder.url.appendingPathComponent(name)
            try data?.write(to: url)
            let error = #expect(throws: SettingsError.self) { try DaemonFile(path: url.path) }
            #expect(error?.description.contains(name) == true)
        }
        #expect(throws: SettingsError.self) { try DaemonFile(path: folder.path) }
    }
}
