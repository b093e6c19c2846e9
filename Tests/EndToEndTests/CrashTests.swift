import Foundation
import RagCore
import RagHTTP
import Synchronization
import TestSupport
import Testing

@Suite("kill -9 during ingest", .serialized)
struct CrashTests {
    /// Each seed kills the daemon twice: three seeds in the fast suite, twenty in the slow one, and as
    /// many as it takes for `RAGD_KILLS` kills where that is set.
    private static let seeds: Range<UInt64> = {
        let environment = ProcessInfo.processInfo.environment
        if let kills = environment["RAGD_KILLS"].flatMap(UInt64.init) {
            return 0..<max(1, kills / 2)
        }
        return environment["RAGD_SLOW_TESTS"] == "1" ? 0..<20 : 0..<3
    }()

    @Test("loses nothing that was acknowledged and leaves no half document", arguments: seeds)
    func keepsAcknowledged(seed: UInt64) async throws {
        let data = try TemporaryDirectory()
        var random = SeededRandom(seed: seed)
        let journal = Journal()

        // Several lives of one data folder, so that a recovered state is itself crashed.
        for life in 0..<2 {
            let daemon = try await Daemon(data: data.path)
            try await daemon.client.createCollection(CollectionSpec(name: "notes"))
            let delayMs = Int.random(in: 50...1_500, using: &random)
            let writerSeed = random.next()
            let client = daemon.client
            async let writing: Void = Self.write(
                client,
                life: life,
                seed: writerSeed,
                journal: journal
            )
            try await Task.sleep(for: .milliseconds(delayMs))
            #expect(try await daemon.stop(SIGKILL) == -SIGKILL)
            await writing
        }

        let daemon = try await Daemon(data: data.path)
        try await Self.check(daemon.client, journal: journal, seed: seed)
        #expect(try await daemon.stop() == 0)
        let doctor = try await CommandLineRun([
            "doctor", "--data", data.path, "--models", try ModelsFolder.path(),
        ])
        #expect(doctor.status == 0, "seed \(seed): \(doctor.output)")
        print("kills: 2 with seed \(seed), \(journal.expectations.count) documents acknowledged")
    }

    /// Sends small requests, new documents and updates of old ones, until the daemon is gone.
    private static func write(
        _ client: RagClient,
        life: Int,
        seed: UInt64,
        journal: Journal
    ) async {
        var random = SeededRandom(seed: seed)
        for request in 0... {
            let documents = (0..<Int.random(in: 1...5, using: &random)).map { number in
                let isUpdate = Int.random(in: 0..<4, using: &random) == 0
                let id = isUpdate ? "shared-\(number)" : "d-\(life)-\(request)-\(number)"
                return DocumentInput(id: id, text: Self.text(id: id, using: &random))
            }
            journal.send(documents)
            guard let outcomes = try? await client.ingest(documents, into: "notes") else { return }
            journal.acknowledge(documents, outcomes)
        }
    }

    /// A text of one to several chunks that names its document on every line.
    private static func text(id: String, using random: inout SeededRandom) -> String {
        let version = String(random.next(), radix: 36)
        let lineCount = Int.random(in: 1...60, using: &random)
        return (0..<lineCount)
            .map { "Line \($0) of \(lineCount) of document \(id) in version \(version)." }
            .joined(separator: "\n")
    }

    private static func check(_ client: RagClient, journal: Journal, seed: UInt64) async throws {
        // Every acknowledged document is there, as acknowledged or as something sent later.
        for (id, texts) in journal.expectations {
            let document = try await client.document(id, in: "notes")
            guard let text = document?.text else {
                Issue.record("seed \(seed): \(id) was acknowledged and is gone")
                continue
            }
            #expect(texts.contains(text), "seed \(seed): \(id) has a text that was never sent")
        }
        // Every stored document is whole: a text that was sent, covered by its chunks, and found.
        var cursor: String?
        repeat {
            let page = try await client.documents(in: "notes", cursor: cursor, limit: 500)
            for summary in page.documents {
                let document = try #require(try await client.document(summary.id, in: "notes"))
                let text = try #require(document.text)
                #expect(journal.wasSent(id: document.id, text: text), "seed \(seed)")
                let chunks = document.chunks ?? []
                #expect(chunks.first?.start == 0 && chunks.last?.end == text.utf8.count)
                try await checkFound(client, id: document.id, text: text, seed: seed)
            }
            cursor = page.nextCursor
        } while cursor != nil
    }

    private static func checkFound(
        _ client: RagClient,
        id: String,
        text: String,
        seed: UInt64
    ) async throws {
        let line = String(text.prefix { $0 != "\n" })
        for mode in [SearchRequest.Mode.dense, .lexical] {
            let request = SearchRequest(
                query: line,
                limit: 200,
                mode: mode,
                groupByDocument: true
            )
            let hits = try await client.search(request, in: "notes").hits
            #expect(hits.contains { $0.documentID == id }, "seed \(seed): \(mode) misses \(id)")
        }
    }
}

/// What was sent and what was acknowledged.
///
/// Thread safety: all state is behind a `Mutex`.
private final class Journal: Sendable {
    private struct State {
        /// Every text that was sent for an id, in order.
        var sent: [String: [String]] = [:]
        /// How many of them may be overwritten: the index of the last acknowledged one.
        var acknowledged: [String: Int] = [:]
    }

    private let state = Mutex(State())

    func send(_ documents: [DocumentInput]) {
        state.withLock { state in
            for document in documents {
                state.sent[document.id ?? "", default: []].append(document.text)
            }
        }
    }

    func acknowledge(_ documents: [DocumentInput], _ outcomes: [OutcomeReply]) {
        state.withLock { state in
            for (document, outcome) in zip(documents, outcomes) where outcome.error == nil {
                let id = document.id ?? ""
                state.acknowledged[id] = (state.sent[id]?.count ?? 1) - 1
            }
        }
    }

    /// For each acknowledged id the texts that may be stored: the acknowledged one and later ones.
    var expectations: [String: [String]] {
        state.withLock { state in
            state.acknowledged.reduce(into: [:]) { result, entry in
                result[entry.key] = Array(state.sent[entry.key, default: []][entry.value...])
            }
        }
    }

    func wasSent(id: String, text: String) -> Bool {
        state.withLock { $0.sent[id]?.contains(text) ?? false }
    }
}
