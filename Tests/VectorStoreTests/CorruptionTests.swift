import Foundation
import TestSupport
import Testing
import VectorStore

/// Bytes of a real database changed at random: every outcome but an error or the truth is a failure,
/// and a crash ends the test run.
@Suite("Damaged files")
struct CorruptionTests {
    @Test("are errors or findings, never crashes or invented answers", arguments: 0..<8)
    func flippedBytes(group: UInt64) async throws {
        let fixture = try await DamagedStore.fixture
        for trial in 0..<50 {
            let seed = group &* 1_000 &+ UInt64(trial)
            var random = SeededRandom(seed: seed)
            var bytes = fixture.bytes
            for _ in 0..<Int.random(in: 1...24, using: &random) {
                let offset = Int.random(in: 0..<bytes.count, using: &random)
                bytes[offset] ^= UInt8.random(in: 1...255, using: &random)
            }
            try await fixture.exercise(bytes, "seed \(seed)")
        }
    }

    @Test("of any length are errors or findings", arguments: 0..<40)
    func truncated(step: Int) async throws {
        let fixture = try await DamagedStore.fixture
        let count = fixture.bytes.count * step / 40
        try await fixture.exercise(fixture.bytes.prefix(count), "\(count) bytes")
    }

    @Test("with whole pages zeroed or exchanged are errors or findings", arguments: 0..<60)
    func pages(seed: UInt64) async throws {
        let fixture = try await DamagedStore.fixture
        var random = SeededRandom(seed: 9_000 + seed)
        var bytes = fixture.bytes
        let pageCount = bytes.count / 4_096
        let page = Int.random(in: 0..<pageCount, using: &random) * 4_096
        let other = Int.random(in: 0..<pageCount, using: &random) * 4_096
        if Bool.random(using: &random) {
            bytes.replaceSubrange(page..<page + 4_096, with: Data(count: 4_096))
        } else {
            let moved = Data(bytes[page..<page + 4_096])
            bytes.replaceSubrange(page..<page + 4_096, with: Data(bytes[other..<other + 4_096]))
            bytes.replaceSubrange(other..<other + 4_096, with: moved)
        }
        try await fixture.exercise(bytes, "seed \(seed)")
    }
}

/// A small closed store's file, and what is known to be in it.
private struct DamagedStore {
    let bytes: Data
    let texts: [String: String]
    let query: [Float]

    /// Made once: every trial works on a copy.
    static var fixture: DamagedStore {
        get async throws { try await made.value }
    }

    private static let made = Task { try await make() }

    private static func make() async throws -> DamagedStore {
        var random = SeededRandom(seed: 51)
        let open = try await StoreFixture.open()
        let writes = (0..<60).map { index in
            StoreFixture.document(
                "d\(index)",
                words: 60,
                title: "title \(index)",
                metadata: ["n": .integer(Int64(index)), "tags": .array(["a", "b"])],
                using: &random
            )
        }
        _ = try await open.collection.upsert(writes)
        _ = try await open.collection.delete(ids: ["d0", "d1"])
        await open.store.close()
        let path = open.directory.url.appendingPathComponent("ragd.sqlite")
        return DamagedStore(
            bytes: try Data(contentsOf: path),
            texts: Dictionary(uniqueKeysWithValues: writes.map { ($0.id, $0.text) }),
            query: random.unitVector(dimension: StoreFixture.dimension)
        )
    }

    /// Opens, reads, searches, verifies, writes and closes; only `VectorStoreError` may come out.
    func exercise(_ bytes: Data, _ what: String) async throws {
        let directory = try TemporaryDirectory()
        try bytes.write(to: directory.url.appendingPathComponent("ragd.sqlite"))
        guard let store = tolerate(what, { try VectorStore.open(directory: directory.path) }) else {
            return
        }
        let findings = tolerate(what) { try store.verify() }
        for collection in store.collections() {
            read(collection, what)
            // What was changed is noticed, or has no effect on what is read.
            if findings == [] {
                let page = tolerate(what) {
                    try collection.documents(after: nil, limit: 100, filter: nil)
                }
                #expect(page?.documents.count == texts.count - 2, "\(what)")
            }
            var random = SeededRandom(seed: 52)
            let write = StoreFixture.document("d5", using: &random)
            await tolerate(what) { _ = try await collection.upsert([write]) }
            await tolerate(what) { _ = try await collection.delete(ids: ["d6", "d7"]) }
        }
        await store.close()
    }

    private func read(_ collection: Collection, _ what: String) {
        for (id, text) in texts {
            let document = tolerate(what) { try collection.document(id: id) }
            // SQLite's pages have no checksums, so a damaged SQL index may lead to another row; but
            // what is read is a text that was written, never a piece or a mixture.
            if let document = document ?? nil, document.text != text {
                #expect(texts.values.contains(document.text), "\(what)")
            }
        }
        _ = tolerate(what) { try collection.statistics() }
        _ = tolerate(what) { try collection.contentHashes(ids: Array(texts.keys)) }
        _ = tolerate(what) { try collection.searchLexical("bace difo title", count: 10) }
        let filter = Filter.or([
            .compare(key: "n", .less, 20), .compare(key: "tags", .contains, "a"),
        ])
        let selection = tolerate(what) { try collection.select(filter) }
        let hits = tolerate(what) {
            try collection.searchDense(query, count: 10, selection: selection)
        }
        let keys = (hits ?? []).map { $0.key }
        _ = tolerate(what) { try collection.chunks(for: keys, context: 1) }
        _ = tolerate(what) { try collection.tokenCodes(for: keys) }
    }

    private func tolerate<Value>(_ what: String, _ body: () throws -> Value) -> Value? {
        do {
            return try body()
        } catch {
            #expect(error is VectorStoreError, "\(what)")
            return nil
        }
    }

    private func tolerate(_ what: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            #expect(error is VectorStoreError, "\(what)")
        }
    }
}
