import GRDB
import TestSupport
import Testing
import VectorStore

/// Filters evaluated on metadata in memory against the same filters as SQL, which read the rows.
@Suite("Metadata in memory")
struct MetadataIndexTests {
    @Test("selects what SQL selects, through updates and deletions", arguments: [1, 2, 3, 4])
    func equalsSQL(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let open = try await StoreFixture.open()
        var documents: [String: DocumentWrite] = [:]
        for round in 0..<12 {
            var writes: [String: DocumentWrite] = [:]
            for _ in 0..<Int.random(in: 1..<40, using: &random) {
                let id = "d\(Int.random(in: 0..<120, using: &random))"
                let metadata = MetadataGenerator.metadata(&random)
                if var kept = documents[id], Bool.random(using: &random) {
                    kept.metadata = metadata
                    kept.chunks = nil
                    writes[id] = kept
                } else {
                    writes[id] = StoreFixture.document(
                        id,
                        words: Int.random(in: 1..<30, using: &random),
                        metadata: metadata,
                        using: &random
                    )
                }
            }
            _ = try await open.collection.upsert(Array(writes.values))
            documents.merge(writes) { $1 }
            if round.isMultiple(of: 3), let gone = documents.keys.randomElement(using: &random) {
                documents[gone] = nil
                #expect(try await open.collection.delete(ids: [gone]) == 1)
            }
            for _ in 0..<20 {
                let filter = MetadataGenerator.filter(&random, depth: 3)
                try expectEqual(open.collection, filter, "seed \(seed), round \(round)")
            }
        }
        #expect(open.collection.metadataSize.keys.count > 3)
    }

    @Test("stays right when changed rows are merged and dead ones dropped")
    func mergesAndCompacts() async throws {
        var random = SeededRandom(seed: 5)
        let open = try await StoreFixture.open()
        let filters = [
            Filter.compare(key: "n", .less, 40), .compare(key: "tags", .contains, "even"),
            .compare(key: "name", .contains, "7"), .not(.compare(key: "n", .exists, true)),
            .compare(key: "name", .greaterOrEqual, "d2"),
        ]
        // Three times as many writes as a column takes before it is merged, and more dead rows than live.
        for round in 0..<4 {
            for start in stride(from: 0, to: 1_200, by: 200) {
                let writes = (start..<start + 200).map { index in
                    StoreFixture.document(
                        "d\(index)",
                        words: 1,
                        metadata: metadata(index, round),
                        using: &random
                    )
                }
                _ = try await open.collection.upsert(writes)
            }
            _ = try await open.collection.delete(ids: (0..<100).map { "d\($0 * 7 + round)" })
            for filter in filters { try expectEqual(open.collection, filter, "round \(round)") }
        }
        // Who starts now finds the same.
        let wanted = try filters.map { try open.collection.selectBySQL($0) }
        await open.store.close()
        let again = try VectorStore.open(directory: open.directory.path)
            .collection(named: "notes")
        #expect(try filters.map { try again.select($0) } == wanted)
    }

    private func metadata(_ index: Int, _ round: Int) -> [String: MetadataValue] {
        guard !(index + round).isMultiple(of: 5) else { return [:] }
        return [
            "n": .integer(Int64((index * 31 + round * 17) % 100)),
            "name": .string("d\(index)-\(round)"),
            "tags": index.isMultiple(of: 2) ? .array(["even", .integer(Int64(round))]) : "odd",
        ]
    }

    @Test("tells keys apart that Swift takes for equal")
    func keysByBytes() async throws {
        var random = SeededRandom(seed: 6)
        let open = try await StoreFixture.open()
        for (id, key) in [("one", "\u{e9}"), ("two", "e\u{301}")] {
            _ = try await open.collection.upsert([
                StoreFixture.document(id, metadata: [key: .string(key)], using: &random)
            ])
        }
        for key in ["\u{e9}", "e\u{301}"] {
            for value in ["\u{e9}", "e\u{301}"] {
                try expectEqual(open.collection, .compare(key: key, .equal, .string(value)), key)
            }
            #expect(try open.collection.select(.compare(key: key, .exists, true)).count == 4)
        }
    }

    @Test("keeps no more than it may, and SQL answers for the rest", arguments: [0, 20_000])
    func bounded(byteCountMax: Int) async throws {
        var random = SeededRandom(seed: 7)
        var options = StoreOptions()
        options.metadataByteCountMax = byteCountMax
        let open = try await StoreFixture.open(options: options)
        let writes = (0..<300).map { index in
            StoreFixture.document(
                "d\(index)",
                words: 1,
                metadata: Dictionary(
                    uniqueKeysWithValues: (0..<10).map { ("key \($0)", .integer(Int64(index))) }
                ),
                using: &random
            )
        }
        _ = try await open.collection.upsert(writes)
        for round in 0..<20 {
            let filter = Filter.compare(key: "key \(round % 10)", .less, .integer(Int64(round)))
            #expect(try open.collection.select(filter).count == round)
        }
        let size = open.collection.metadataSize
        // The table of documents is not counted: it has a page at least.
        #expect(size.byteCount < byteCountMax + 110_000)
        #expect(byteCountMax == 0 ? size.keys.isEmpty : (1..<10).contains(size.keys.count))
    }

    @Test("leaves rows that no write made to SQL", arguments: DamagedRows.allCases)
    func damaged(rows: DamagedRows) async throws {
        var random = SeededRandom(seed: 8)
        let open = try await StoreFixture.open()
        _ = try await open.collection.upsert(
            (0..<20).map { index in
                StoreFixture.document(
                    "d\(index)",
                    metadata: ["n": .integer(Int64(index)), "m": .integer(Int64(index))],
                    using: &random
                )
            }
        )
        try open.collection.file.write("damaging") { try $0.execute(sql: rows.sql) }
        for _ in 0..<2 {
            for relation in Filter.Operator.allCases {
                let operand: MetadataValue =
                    switch relation {
                    case .anyOf, .noneOf: .array([3, 5])
                    case .exists: true
                    default: 5
                    }
                for key in ["n", "m"] {
                    let filter = Filter.compare(key: key, relation, operand)
                    try expectEqual(open.collection, filter, "\(rows), \(filter)")
                }
            }
        }
        #expect(!open.collection.metadataSize.keys.contains("n"))
        #expect(open.collection.metadataSize.keys.contains("m") == rows.isOfOneKey)
    }

    enum DamagedRows: CaseIterable {
        case unknownKind
        case valueOfAnotherKind
        case unknownElement
        case foreignChunk

        var sql: String {
            switch self {
            case .unknownKind: "UPDATE metadata SET kind = 9 WHERE key = 'n' AND value = 5"
            case .valueOfAnotherKind:
                "UPDATE metadata SET value = x'35' WHERE key = 'n' AND value = 5"
            case .unknownElement: "UPDATE metadata SET is_element = 2 WHERE key = 'n' AND value = 5"
            case .foreignChunk: "UPDATE chunks SET document_key = 9, ordinal = 99 WHERE key = 2"
            }
        }

        var isOfOneKey: Bool { self != .foreignChunk }
    }

    // MARK: -

    private func expectEqual(
        _ collection: Collection,
        _ filter: Filter,
        _ comment: @autoclosure () -> String
    ) throws {
        let selection = try collection.select(filter)
        let wanted = try collection.selectBySQL(filter)
        #expect(selection == wanted, "\(comment()): \(filter)")
    }
}
