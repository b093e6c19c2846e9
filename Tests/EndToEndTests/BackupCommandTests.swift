import Foundation
import RagCore
import RagHTTP
import TestSupport
import Testing

@Suite("The commands of backups", .serialized)
struct BackupCommandTests {
    @Test("verify, back up and restore beside a running daemon")
    func besideDaemon() async throws {
        let folder = try TemporaryDirectory()
        let data = folder.path + "/data"
        let daemon = try await Daemon(data: data)
        try await daemon.client.createCollection(CollectionSpec(name: "notes"))
        let document = DocumentInput(id: "one", text: "A backup is made while the daemon runs.")
        _ = try await daemon.client.ingest([document], into: "notes")

        let verify = try await CommandLineRun(["verify", "--data", data])
        #expect(verify.status == 0, "\(verify.output)\(verify.errors)")
        let backup = folder.path + "/backup"
        let made = try await CommandLineRun(["backup", backup, "--data", data])
        #expect(made.status == 0, "\(made.output)\(made.errors)")
        let refused = try await CommandLineRun(["restore", backup, "--data", data, "--replace"])
        #expect(refused.status == 1 && refused.errors.contains("in use"))
        #expect(try await daemon.stop() == 0)

        let checked = try await CommandLineRun(["verify", "--backup", backup, "--json"])
        #expect(checked.status == 0 && checked.output.contains("\"findings\":[]"))
        let restored = folder.path + "/restored"
        let done = try await CommandLineRun(["restore", backup, "--data", restored])
        #expect(done.status == 0, "\(done.output)\(done.errors)")
        let again = try await Daemon(data: restored)
        let found = try await again.client.document("one", in: "notes")
        #expect(found?.text == document.text)
        #expect(try await again.stop() == 0)
        let repaired = try await CommandLineRun(["repair", "--data", restored])
        #expect(repaired.status == 0, "\(repaired.output)\(repaired.errors)")
    }
}
