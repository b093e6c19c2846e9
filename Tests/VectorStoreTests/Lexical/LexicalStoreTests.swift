import GRDB
import TestSupport
import Testing
import VectorStore

@Suite("Full-text search of a store")
struct LexicalStoreTests {
    @Test("agrees with the definition through updates, deletions, titles and reopening")
    func oracle() async throws {
        var random = SeededRandom(seed: 40)
        var options = StoreOptions()
        // Checkpoints now and then, so that starts replay some of the writes.
        options.changesMaxBetweenCheckpoints = 60
        var open = try await StoreFixture.open(options: options)
        var collection = open.collection
        var documents: [String: DocumentWrite] = [:]
        for round in 0..<30 {
            var writes: [DocumentWrite] = []
            for id in 0..<Int.random(in: 1...8, using: &random) {
                let number = (round * 5 + id) % 40
                var write = StoreFixture.document(
                    "d\(number)",
                    words: Int.random(in: 0...40, using: &random),
                    title: Bool.random(using: &random) ? StoreFixture.word(&random) : nil,
                    using: &random
                )
                if let known = documents[write.id], Bool.random(using: &random) {
                    // Another title alone.
                    write = known
                    write.title = StoreFixture.word(&random)
                    documents[write.id] = write
                    write.chunks = nil
                } else {
                    documents[write.id] = write
                }
                writes.append(write)
            }
            _ = try await collection.upsert(writes)
            let deleted = documents.keys.sorted()
                .filter { _ in Int.random(in: 0..<15, using: &random) == 0 }
            _ = try await collection.delete(ids: deleted)
            for id in deleted { documents[id] = nil }
            if round % 4 == 3 {
                // A stop, or a crash: the folder as it is, without a checkpoint.
                let directory = try TemporaryDirectory()
                if round % 8 == 3 {
                    await open.store.close()
                    try directory.write(try open.directory.databaseFiles())
                } else {
                    try VectorStore.copy(
                        directory: open.directory.path,
                        to: directory.path + "/ragd.sqlite"
                    )
                    await open.store.close()
                }
                let store = try VectorStore.open(directory: directory.path, options: options)
                collection = try store.collection(named: "notes")
                open = StoreFixture.OpenStore(
                    directory: directory,
                    store: store,
                    collection: collection
                )
            }
            try compare(collection, documents, using: &random)
            #expect(try open.store.verify() == [], "round \(round)")
        }
        await open.store.close()
    }

    private func compare(
        _ collection: Collection,
        _ documents: [String: DocumentWrite],
        using random: inout SeededRandom
    ) throws {
        var model = LexicalModel()
        for (id, write) in documents {
            let bytes = Array(write.text.utf8)
            for chunk in try collection.document(id: id)?.chunks ?? [] {
                let text = String(decoding: bytes[chunk.range], as: UTF8.self)
                let words = TextAnalyzer(.porter).words(title: write.title, text: text)
                model.rows[chunk.key] = words.counts
            }
        }
        for _ in 0..<5 {
            let query = (0..<Int.random(in: 1...4, using: &random))
                .map { _ in StoreFixture.word(&random) }
            let words = TextAnalyzer(.porter)
                .queryWords(query.joined(separator: " "), countMax: 64)
            let hits = try collection.searchLexical(query.joined(separator: " "), count: 20)
            let difference = LexicalModel.difference(hits, from: model.scores(words), count: 20)
            #expect(difference == nil, "\(query)")
        }
    }

    @Test("reads the texts while a large index is made, and then the index")
    func background() async throws {
        var random = SeededRandom(seed: 41)
        let open = try await StoreFixture.open()
        let writes = (0..<1_600).map { index in
            StoreFixture.document("d\(index)", words: 24, title: "title \(index)", using: &random)
        }
        _ = try await open.collection.upsert(writes)
        let before = try open.collection.searchLexical("bace title 77", count: 50)
        await open.store.close()
        try await DatabaseQueue(path: open.directory.path + "/ragd.sqlite").write { db in
            try db.execute(sql: "UPDATE text_checkpoints SET data = zeroblob(100) WHERE part = 0")
        }
        let store = try VectorStore.open(directory: open.directory.path)
        let collection = try store.collection(named: "notes")
        #expect(try collection.searchLexical("bace title 77", count: 50) == before)
        // Written meanwhile, and found whichever answers.
        var write = StoreFixture.document("late", text: "kingfisher", using: &random)
        write.title = "late"
        _ = try await collection.upsert([write])
        _ = try await collection.delete(ids: ["d77"])
        let deadline = ContinuousClock.now + .seconds(30)
        while try collection.statistics().textIndexByteCount == 0, ContinuousClock.now < deadline {
            #expect(try collection.searchLexical("kingfisher", count: 5).count == 1)
        }
        #expect(try collection.searchLexical("kingfisher", count: 5).count == 1)
        #expect(try collection.searchLexical("77", count: 5).isEmpty)
        while collection.damage != [:], ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(try store.verify() == [])
        await store.close()
    }

    @Test("stems by the collection's language")
    func language() async throws {
        var random = SeededRandom(seed: 42)
        var configuration = StoreFixture.configuration("deutsch")
        configuration.language = .german
        let open = try await StoreFixture.open(configuration)
        _ = try await open.collection.upsert([
            StoreFixture.document("a", text: "alte Häuser am Fluss", using: &random)
        ])
        #expect(try open.collection.searchLexical("Haus", count: 5).count == 1)
        await open.store.close()
        let store = try VectorStore.open(directory: open.directory.path)
        let again = try store.collection(named: "deutsch")
        #expect(again.configuration.language == .german)
        #expect(try again.searchLexical("Haus", count: 5).count == 1)
        await store.close()
    }
}
