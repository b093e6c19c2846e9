import TestSupport
import Testing
import VectorStore

/// Filters as SQL against filters as the documentation of `Filter` defines them, evaluated here over
/// the decoded metadata of random documents.
@Suite("Filters")
struct FilterTests {
    @Test(
        "select what their definition selects, on random metadata",
        arguments: [1, 2, 3]
    )
    func matchesDefinition(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let open = try await StoreFixture.open()
        var metadata: [String: [String: MetadataValue]] = [:]
        for index in 0..<120 {
            metadata["d\(index)"] = MetadataGenerator.metadata(&random)
        }
        let writes = metadata.map { id, metadata in
            StoreFixture.document(id, words: 9, metadata: metadata, using: &random)
        }
        _ = try await open.collection.upsert(writes)
        let keys = try open.collection.documents(after: nil, limit: 1_000, filter: nil)
        #expect(keys.documents.count == metadata.count)

        for _ in 0..<150 {
            let filter = MetadataGenerator.filter(&random, depth: 3)
            let expected = Set(metadata.filter { FilterOracle.holds(filter, $0.value) }.keys)
            let page = try open.collection.documents(after: nil, limit: 1_000, filter: filter)
            #expect(Set(page.documents.map(\.id)) == expected, "seed \(seed), \(filter)")
            let selection = try open.collection.select(filter)
            let chunks = try open.collection.chunks(for: selection.keys)
            #expect(Set(chunks.values.map(\.documentID)) == expected, "seed \(seed), \(filter)")
            #expect(chunks.count == selection.count)
        }
    }

    @Test("stay true to a document whose metadata was replaced")
    func replacedMetadata() async throws {
        var random = SeededRandom(seed: 3)
        let open = try await StoreFixture.open()
        var document = StoreFixture.document("a", metadata: ["v": 1], using: &random)
        _ = try await open.collection.upsert([document])
        document.metadata = ["v": 2]
        document.chunks = nil
        _ = try await open.collection.upsert([document])
        #expect(try open.collection.select(.compare(key: "v", .equal, 1)).count == 0)
        #expect(try open.collection.select(.compare(key: "v", .equal, 2)).count > 0)
    }

    @Test("take hostile strings as values")
    func hostileStrings() async throws {
        var random = SeededRandom(seed: 4)
        let open = try await StoreFixture.open()
        let hostile = [
            "'; DROP TABLE documents; --", "a\u{0}b", "?1", "\"", "%_", "\u{1F600}é", "",
        ]
        for (index, text) in hostile.enumerated() {
            _ = try await open.collection.upsert([
                StoreFixture.document(
                    "d\(index)",
                    metadata: ["k": .string(text), "'; --": .string(text)],
                    using: &random
                )
            ])
        }
        for (index, text) in hostile.enumerated() {
            for key in ["k", "'; --"] {
                let filter = Filter.compare(key: key, .equal, .string(text))
                let page = try open.collection.documents(after: nil, limit: 10, filter: filter)
                #expect(page.documents.map(\.id) == ["d\(index)"])
            }
        }
    }

    @Test("refuse metadata that cannot be filtered by")
    func refusedMetadata() async throws {
        var random = SeededRandom(seed: 5)
        let open = try await StoreFixture.open()
        var nested = MetadataValue.integer(1)
        for _ in 0..<20 { nested = .array([nested]) }
        let cases: [([String: MetadataValue], VectorStoreError.Code)] = [
            (["": 1], .invalidArgument),
            (["a\u{0}": 1], .invalidArgument),
            (["a": .number(.nan)], .notFinite),
            (["a": .object(["b": .number(.infinity)])], .notFinite),
            (["a": nested], .limitExceeded),
            (["a": .array(Array(repeating: 1, count: 5_000))], .limitExceeded),
            (["a": .string(String(repeating: "x", count: 70_000))], .limitExceeded),
        ]
        for (metadata, code) in cases {
            let document = StoreFixture.document("a", metadata: metadata, using: &random)
            await #expect {
                try await open.collection.upsert([document])
            } throws: {
                ($0 as? VectorStoreError)?.code == code
            }
        }
        #expect(try open.collection.statistics().documentCount == 0)
    }
}
