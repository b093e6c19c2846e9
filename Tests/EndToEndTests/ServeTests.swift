import Foundation
import RagCore
import RagHTTP
import TestSupport
import Testing

@Suite("ragd serve", .serialized)
struct ServeTests {
    @Test("keeps documents over SIGTERM and a new start", arguments: [SIGTERM, SIGINT])
    func keepsDocuments(signal: Int32) async throws {
        let data = try TemporaryDirectory()
        let documents = [
            DocumentInput(
                id: "tides",
                text: "The Moon raises two high waters a day.",
                title: "Sea"
            ),
            DocumentInput(id: "bread", text: "Knead the dough and let it rise overnight."),
        ]
        let first = try await Daemon(data: data.path)
        try await first.client.createCollection(CollectionSpec(name: "notes"))
        let outcomes = try await first.client.ingest(documents, into: "notes")
        #expect(outcomes.map(\.status) == ["created", "created"])
        #expect(try await first.stop(signal) == 0, "\(first.output)")

        let second = try await Daemon(data: data.path)
        let reply = try await second.client.search(
            SearchRequest(query: "why is there high tide twice a day?", limit: 1),
            in: "notes"
        )
        #expect(reply.hits.map(\.documentID) == ["tides"])
        let again = try await second.client.ingest(documents, into: "notes")
        #expect(again.map(\.status) == ["unchanged", "unchanged"])
        #expect(try await second.stop() == 0)
    }

    @Test("finishes the requests that it has accepted before it stops")
    func finishesAccepted() async throws {
        let data = try TemporaryDirectory()
        let daemon = try await Daemon(data: data.path)
        let client = daemon.client
        try await client.createCollection(CollectionSpec(name: "notes"))
        let documents = (0..<200).map { number in
            DocumentInput(id: "d\(number)", text: "Document number \(number) about its number.")
        }
        async let outcomes = client.ingest(documents, into: "notes")
        try await Task.sleep(for: .milliseconds(100))
        #expect(try await daemon.stop() == 0)
        // Either the whole request was answered, or it was refused: then whatever it had stored is
        // whole, which the next start shows.
        let stored = (try? await outcomes)?.count ?? 0
        let second = try await Daemon(data: data.path)
        let count = try await second.client.collection("notes")?.documents ?? 0
        #expect(count >= stored)
        try await second.stop()
    }

    @Test("refuses a second daemon on the same data, naming the first")
    func refusesSecondDaemon() async throws {
        let data = try TemporaryDirectory()
        let daemon = try await Daemon(data: data.path)
        let run = try await CommandLineRun([
            "serve", "--data", data.path, "--models", try ModelsFolder.path(), "--listen",
            "127.0.0.1:0",
        ])
        #expect(run.status == 1)
        #expect(run.errors.contains("in use by process"))
        try await daemon.stop()
    }

    @Test("asks for the key that it was given")
    func asksForKey() async throws {
        let data = try TemporaryDirectory()
        let daemon = try await Daemon(data: data.path, environment: ["RAGD_API_KEY": "k3y"])
        await #expect {
            try await daemon.client.collections()
        } throws: { error in
            (error as? RagClientError)?.status == 401
        }
        let keyed = RagClient(url: daemon.url, apiKey: "k3y")
        #expect(try await keyed.collections().isEmpty)
        try await daemon.stop()
    }
}
