import Foundation
import TestSupport
import Testing
import VectorStore

/// What a start, a search and a filter cost at 100,000 chunks of 384 dimensions, in printed numbers.
@Suite(
    "Scale",
    .enabled(if: ProcessInfo.processInfo.environment["RAGD_SLOW_TESTS"] == "1")
)
struct ScaleTests {
    private static let documentCount = 10_000
    private static let dimension = 384

    @Test("opens 100,000 chunks from their checkpoint, in bounded memory")
    func hundredThousand() async throws {
        // Beams narrower than the default build the graph in half the time; a start does not care.
        let parameters = try HNSWParameters(connectivity: 16, efConstruction: 60)
        var configuration = StoreFixture.configuration(dimension: Self.dimension)
        configuration.index = parameters
        configuration.lateInteraction = .none
        var options = StoreOptions()
        options.changesMaxBetweenCheckpoints = 20_000
        let open = try await StoreFixture.open(configuration, options: options)
        let clock = ContinuousClock()

        let ingest = try await clock.measure { try await fill(open.collection) }
        let count = try open.collection.statistics().chunkCount
        print("scale: \(count) chunks written in \(ingest)")
        let closing = await clock.measure { await open.store.close() }
        print("scale: closed in \(closing), \(try size(open.directory) >> 20) MiB on disk")

        var store: VectorStore?
        let opening = try clock.measure {
            store = try VectorStore.open(directory: open.directory.path)
        }
        print("scale: opened in \(opening), \(residentMiB()) MiB resident")
        let collection = try #require(store).collection(named: "notes")
        // The time is printed and not asserted: it is the machine's as much as the code's.
        #expect(collection.indexState == .graph)

        try measureSearches(collection, clock)
        let resident = residentMiB()
        print("scale: \(resident) MiB resident after the searches")
        #expect((100..<700).contains(resident))
        await store?.close()
    }

    private func fill(_ collection: Collection) async throws {
        var random = SeededRandom(seed: 61)
        for batch in stride(from: 0, to: Self.documentCount, by: 100) {
            let writes = (batch..<batch + 100).map { index in
                var document = StoreFixture.document(
                    "d\(index)",
                    text: text(&random),
                    wordsPerChunk: 21,
                    metadata: [
                        "n": .integer(Int64(index)),
                        "group": .string("g\(index % 10)"),
                    ],
                    dimension: Self.dimension,
                    using: &random
                )
                for chunk in 0..<(document.chunks?.count ?? 0) {
                    document.chunks?[chunk].tokenCodes = []
                }
                return document
            }
            _ = try await collection.upsert(writes)
        }
    }

    /// Ten chunks of twenty words, of which every other is one of the commonest.
    private func text(_ random: inout SeededRandom) -> String {
        let common = ["the", "of", "and", "in", "to", "is"]
        return (0..<200).map { index in
            index % 2 == 0
                ? common[index / 2 % common.count] : StoreFixture.word(&random)
        }.joined(separator: " ")
    }

    private func measureSearches(_ collection: Collection, _ clock: ContinuousClock) throws {
        var random = SeededRandom(seed: 62)
        for (what, text) in [
            ("rare words", "bace difo guha jeki"),
            ("rare and common words, first", "what is the bace of the difo in the guha"),
            ("rare and common words, again", "what is the bace of the difo in the guha"),
            ("common words", "to the of and"),
        ] {
            let time = try clock.measure {
                _ = try collection.searchLexical(text, count: 100)
            }
            print("scale: lexical, \(what): \(time)")
        }
        for (what, filter) in [
            ("1 in 100", Filter.compare(key: "n", .less, 100)),
            ("1 in 10", .compare(key: "group", .equal, "g3")),
            ("9 in 10", .compare(key: "group", .notEqual, "g3")),
        ] {
            var selection: Selection?
            let selecting = try clock.measure { selection = try collection.select(filter) }
            let query = random.unitVector(dimension: Self.dimension)
            let searching = try clock.measure {
                _ = try collection.searchDense(query, count: 10, selection: selection)
            }
            print("scale: filter \(what): select \(selecting), search \(searching)")
        }
        let query = random.unitVector(dimension: Self.dimension)
        var keys: [ChunkKey] = []
        let dense = try clock.measure {
            keys = try collection.searchDense(query, count: 100).map(\.key)
        }
        let hydrating = try clock.measure { _ = try collection.chunks(for: keys) }
        print("scale: dense top 100 in \(dense), their texts in \(hydrating)")
    }

    private func size(_ directory: TemporaryDirectory) throws -> Int {
        let path = directory.path + "/ragd.sqlite"
        return try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    }

    /// Resident memory of this process, as Linux counts it in pages.
    private func residentMiB() -> Int {
        let fields = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
            .split(separator: " ")
        let pageCount = fields.flatMap { Int($0[1]) } ?? 0
        return (pageCount * 4_096) >> 20
    }
}
