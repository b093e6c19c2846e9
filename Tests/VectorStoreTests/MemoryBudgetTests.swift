import Foundation
import TestSupport
import Testing
import VectorStore

/// What a store refuses rather than take more memory than it may.
@Suite("Memory budget")
struct MemoryBudgetTests {
    /// Page caches of 3 MiB, and `mebibytes` beside them.
    private func options(_ mebibytes: Int?) -> StoreOptions {
        var options = StoreOptions()
        options.readerCount = 2
        options.cacheByteCount = 1 << 20
        options.memoryByteCountMax = mebibytes.map { ($0 + 3) << 20 }
        return options
    }

    private func fill(_ collection: Collection, documents: Range<Int>) async throws {
        var random = SeededRandom(seed: UInt64(documents.lowerBound))
        for start in stride(from: documents.lowerBound, to: documents.upperBound, by: 50) {
            _ = try await collection.upsert(
                (start..<start + 50).map { place in
                    var document = StoreFixture.document(
                        "d\(place)",
                        dimension: 512,
                        using: &random
                    )
                    for chunk in 0..<(document.chunks?.count ?? 0) {
                        document.chunks?[chunk].tokenCodes = []
                    }
                    return document
                }
            )
        }
    }

    private func configuration(_ name: String = "notes") -> CollectionConfiguration {
        StoreFixture.configuration(name, dimension: 512, lateInteraction: .none)
    }

    @Test("a write that does not fit is refused with the numbers, and nothing of it is there")
    func writes() async throws {
        let open = try await StoreFixture.open(configuration(), options: options(2))
        var written = 0
        var refusal: VectorStoreError?
        while refusal == nil, written < 10_000 {
            do {
                try await fill(open.collection, documents: written..<written + 50)
                written += 50
            } catch let error as VectorStoreError {
                refusal = error
            }
        }
        #expect(refusal?.code == .memoryExceeded)
        let message = refusal?.message ?? ""
        for part in ["notes", "5 MiB", "raise", "index.vectors"] {
            #expect(message.contains(part), "\(message)")
        }
        let held = open.collection.memoryByteCount
        #expect(held < 2 << 20 && held > 1 << 20, "\(held) bytes")
        #expect(try open.collection.statistics().documentCount == written)
        // Everything else goes on; what is removed makes room.
        let query = [Float](repeating: 1, count: 512)
        #expect(try open.collection.searchDense(query, count: 3).count == 3)
        let gone = (0..<written).map { "d\($0)" }
        #expect(try await open.collection.delete(ids: gone) == written)
        try await fill(open.collection, documents: 0..<50)
        #expect(try await open.store.createCollection(configuration("other")).created)
        #expect(try open.store.verify() == [])
        await open.store.close()
    }

    @Test("data that does not fit is not opened, and is whole for a larger budget")
    func opening() async throws {
        let open = try await StoreFixture.open(configuration(), options: options(nil))
        try await fill(open.collection, documents: 0..<500)
        let held = open.collection.memoryByteCount
        await open.store.close()

        let error = #expect(throws: VectorStoreError.self) {
            try VectorStore.open(directory: open.directory.path, options: options(1))
        }
        #expect(error?.code == .memoryExceeded)
        #expect(error?.message.contains("opening collection \"notes\"") == true)
        let store = try VectorStore.open(
            directory: open.directory.path,
            options: options((held >> 20) + 2)
        )
        #expect(try store.collection(named: "notes").statistics().documentCount == 500)
        await store.close()
    }

    @Test("a dropped collection leaves its memory")
    func dropping() async throws {
        let open = try await StoreFixture.open(configuration(), options: options(2))
        try await fill(open.collection, documents: 0..<150)
        try await open.store.dropCollection(named: "notes")
        let (other, _) = try await open.store.createCollection(configuration("other"))
        try await fill(other, documents: 0..<150)
        await open.store.close()
    }

    @Test("a budget that the page caches use up is no option")
    func validation() {
        var options = options(1)
        options.memoryByteCountMax = 3 << 20
        #expect(throws: VectorStoreError.self) { try options.validate() }
    }
}
