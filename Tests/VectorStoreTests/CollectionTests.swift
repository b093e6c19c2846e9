import Foundation
import TestSupport
import Testing
import VectorStore

@Suite("Collection writes and reads")
struct CollectionTests {
    @Test("give back a document as it was written")
    func roundTrip() async throws {
        var random = SeededRandom(seed: 1)
        let open = try await StoreFixture.open()
        let write = StoreFixture.document(
            "a",
            words: 40_000,
            title: "A title",
            metadata: ["lang": "en", "tags": .array(["x", 1])],
            using: &random
        )
        #expect(try await open.collection.upsert([write]) == [.created])

        let document = try #require(try open.collection.document(id: "a"))
        #expect(document.text == write.text)
        #expect(document.summary.title == "A title")
        #expect(document.summary.source == "source/a")
        #expect(document.summary.metadata == write.metadata)
        #expect(document.summary.contentHash == write.contentHash)
        let chunks = try #require(write.chunks)
        #expect(document.chunks.map(\.range) == chunks.map(\.range))

        // The text spans several segments; every chunk is read across their borders.
        let keys = document.chunks.map(\.key)
        let stored = try open.collection.chunks(for: keys)
        let bytes = Array(write.text.utf8)
        for (key, chunk) in zip(keys, chunks) {
            #expect(stored[key]?.text == String(decoding: bytes[chunk.range], as: UTF8.self))
        }
        let codes = try open.collection.tokenCodes(for: keys)
        #expect(keys.map { codes[$0] } == chunks.map(\.tokenCodes))
        let hashes = chunks.map(\.textHash)
        let embeddings = try open.collection.embeddings(
            textHashes: hashes + [Array(repeating: 0, count: 16)]
        )
        #expect(hashes.allSatisfy { embeddings[$0] != nil })
        #expect(embeddings.count == Set(hashes).count)
    }

    @Test("keep texts that are empty, without chunks, or full of odd characters")
    func oddTexts() async throws {
        var random = SeededRandom(seed: 2)
        let open = try await StoreFixture.open()
        let texts = [
            "", " ", "a", "\u{0}", "x \u{0} yesterday", "é e\u{301} \u{1F469}\u{200D}\u{1F680}",
        ]
        for (index, text) in texts.enumerated() {
            let write = StoreFixture.document("\(index)", text: text, using: &random)
            _ = try await open.collection.upsert([write])
            let read = try #require(try open.collection.document(id: "\(index)"))
            #expect(Array(read.text.utf8) == Array(text.utf8))
        }
        // Words behind a NUL are found, and the row can be removed again.
        #expect(try open.collection.searchLexical("yesterday", count: 5).count == 1)
        #expect(try await open.collection.delete(ids: ["4"]) == 1)
        #expect(try open.collection.searchLexical("yesterday", count: 5).isEmpty)
        #expect(try open.store.verify() == [])
    }

    @Test("replace a document with everything that belonged to it")
    func replaces() async throws {
        var random = SeededRandom(seed: 3)
        let open = try await StoreFixture.open()
        let old = StoreFixture.document(
            "a",
            text: "zebra quagga okapi",
            metadata: ["v": 1],
            using: &random
        )
        let new = StoreFixture.document(
            "a",
            text: "lion tiger",
            metadata: ["w": 1],
            using: &random
        )
        _ = try await open.collection.upsert([old])
        let oldKeys = try #require(try open.collection.document(id: "a")).chunks.map(\.key)
        #expect(try await open.collection.upsert([new]) == [.updated])

        #expect(try open.collection.searchLexical("zebra quagga okapi", count: 5).isEmpty)
        #expect(try open.collection.searchLexical("tiger", count: 5).count == 1)
        #expect(try open.collection.chunks(for: oldKeys).isEmpty)
        #expect(try open.collection.tokenCodes(for: oldKeys).isEmpty)
        #expect(try open.collection.vectors(for: oldKeys).isEmpty)
        #expect(try open.collection.select(.compare(key: "v", .exists, true)).count == 0)
        let hits = try open.collection.searchDense(
            random.unitVector(dimension: StoreFixture.dimension),
            count: 10
        )
        #expect(hits.count == 1)
        #expect(try open.store.verify() == [])
    }

    @Test("update title, source and metadata without touching chunks")
    func updatesFields() async throws {
        var random = SeededRandom(seed: 4)
        let open = try await StoreFixture.open()
        var write = StoreFixture.document("a", text: "lion tiger", title: "Cats", using: &random)
        _ = try await open.collection.upsert([write])
        let keys = try #require(try open.collection.document(id: "a")).chunks.map(\.key)
        write.title = "Felines"
        write.metadata = ["n": 2]
        write.chunks = nil
        #expect(try await open.collection.upsert([write]) == [.updated])
        let document = try #require(try open.collection.document(id: "a"))
        #expect(document.chunks.map(\.key) == keys)
        #expect(document.summary.title == "Felines")
        #expect(try open.collection.searchLexical("cats", count: 5).isEmpty)
        #expect(try open.collection.searchLexical("felines", count: 5).map(\.key) == keys)

        write.contentHash = [1, 2, 3]
        await expectError(.conflict) { try await open.collection.upsert([write]) }
        write.id = "b"
        await expectError(.notFound) { try await open.collection.upsert([write]) }
        #expect(try open.store.verify() == [])
    }

    @Test("refuse a write that breaks the rules, and change nothing")
    func refusals() async throws {
        var random = SeededRandom(seed: 5)
        let open = try await StoreFixture.open()
        let good = StoreFixture.document("good", text: "aé bc", using: &random)
        let changes: [(VectorStoreError.Code, (inout DocumentWrite) -> Void)] = [
            (.invalidArgument, { $0.id = "" }),
            (.invalidArgument, { $0.id = "a\u{0}b" }),
            (.invalidArgument, { $0.id = String(repeating: "x", count: 513) }),
            (.invalidArgument, { $0.title = "\u{0}" }),
            (.invalidArgument, { $0.chunks?[0].range = 0..<0 }),
            (.invalidArgument, { $0.chunks?[0].range = 0..<100 }),
            (.invalidArgument, { $0.chunks?[0].range = -1..<1 }),
            (.invalidArgument, { $0.chunks?[0].range = 0..<2 }),
            (.invalidArgument, { $0.chunks?[0].textHash = [1] }),
            (.invalidArgument, { $0.chunks?[0].tokenCodes = [1] }),
            (.dimensionMismatch, { $0.chunks?[0].vector = [1] }),
            (.notFinite, { $0.chunks?[0].vector[3] = .nan }),
            (.notFinite, { $0.chunks?[0].vector[0] = -.infinity }),
        ]
        for (code, change) in changes {
            var bad = good
            bad.id = "bad"
            change(&bad)
            await expectError(code) { try await open.collection.upsert([good, bad]) }
        }
        await expectError(.invalidArgument) { try await open.collection.upsert([good, good]) }
        #expect(try open.collection.statistics().documentCount == 0)
        #expect(try open.collection.statistics().position == 0)
    }

    @Test("delete by identifier and by filter")
    func deletes() async throws {
        var random = SeededRandom(seed: 6)
        let open = try await StoreFixture.open()
        let writes = (0..<600).map { index in
            StoreFixture.document(
                "d\(index)",
                words: 8,
                metadata: ["n": .integer(Int64(index))],
                using: &random
            )
        }
        _ = try await open.collection.upsert(writes)
        #expect(try await open.collection.delete(ids: ["d0", "missing", "d1", "d0"]) == 2)
        #expect(try await open.collection.delete(matching: .compare(key: "n", .less, 500)) == 498)
        #expect(try await open.collection.delete(matching: .compare(key: "n", .less, 500)) == 0)
        #expect(try open.collection.statistics().documentCount == 100)
        #expect(try open.store.verify() == [])
    }

    @Test("list documents page by page in the order of identifiers")
    func pages() async throws {
        var random = SeededRandom(seed: 7)
        let open = try await StoreFixture.open()
        let ids = (0..<25).map { "id-\($0)" }
        _ = try await open.collection.upsert(
            ids.map { StoreFixture.document($0, words: 4, using: &random) }
        )
        var seen: [String] = []
        var cursor: String?
        repeat {
            let page = try open.collection.documents(after: cursor, limit: 10, filter: nil)
            seen += page.documents.map(\.id)
            cursor = page.nextCursor
        } while cursor != nil
        #expect(seen == ids.sorted())
        #expect(throws: VectorStoreError.self) {
            try open.collection.documents(after: nil, limit: 0, filter: nil)
        }
    }

    @Test("join a chunk's neighbours to its text")
    func context() async throws {
        var random = SeededRandom(seed: 8)
        let open = try await StoreFixture.open()
        let write = StoreFixture.document("a", words: 40, using: &random)
        _ = try await open.collection.upsert([write])
        let chunks = try #require(try open.collection.document(id: "a")).chunks
        try #require(chunks.count >= 4)
        let bytes = Array(write.text.utf8)
        for (index, chunk) in chunks.enumerated() {
            let wide = try #require(
                try open.collection.chunks(for: [chunk.key], context: 1)[chunk.key]
            )
            let first = chunks[max(0, index - 1)].range.lowerBound
            let last = chunks[min(chunks.count - 1, index + 1)].range.upperBound
            #expect(wide.range == first..<last)
            #expect(wide.text == String(decoding: bytes[first..<last], as: UTF8.self))
        }
    }

    private func expectError(
        _ code: VectorStoreError.Code,
        _ body: () async throws -> some Sendable
    ) async {
        await #expect {
            try await body()
        } throws: {
            ($0 as? VectorStoreError)?.code == code
        }
    }
}
