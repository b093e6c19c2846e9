import Foundation
import GRDB
import TestSupport
import Testing
import VectorStore

/// A data folder of each version of the format, kept as it was written then.
///
/// A version's file is made once, by `RAGD_WRITE_FORMAT=1`, and never again: what cannot read it any
/// more cannot read the data of whoever has it.
@Suite("Stored formats")
struct GoldenFormatTests {
    /// Versions of the format that have been released or are in use.
    ///
    /// 2 has full-text indexes in checkpoints in place of FTS5 tables.
    private static let versions = [1, 2]
    private static let isWriting =
        ProcessInfo.processInfo.environment["RAGD_WRITE_FORMAT"] == "1"

    @Test("of every version are read, with all that was written", arguments: versions)
    func read(version: Int) async throws {
        let directory = try Self.directory(version)
        #expect(try VectorStore.check(directory: directory.path).findings == [])

        let store = try VectorStore.open(directory: directory.path)
        let collection = try store.collection(named: "golden")
        #expect(collection.configuration == Self.configuration)
        #expect(collection.damage == [:])
        for write in Self.documents {
            let document = try #require(try collection.document(id: write.id))
            #expect(document.text == write.text)
            #expect(document.summary.title == write.title)
            #expect(document.summary.metadata == write.metadata)
            #expect(document.summary.contentHash == write.contentHash)
            let chunks = write.chunks ?? []
            #expect(document.chunks.map(\.range) == chunks.map(\.range))
            let keys = document.chunks.map(\.key)
            let codes = try collection.tokenCodes(for: keys)
            for (key, chunk) in zip(keys, chunks) {
                #expect(codes[key] == chunk.tokenCodes)
                #expect(try collection.searchDense(chunk.vector, count: 1).first?.key == key)
            }
            let found = try collection.searchLexical(write.title ?? "", count: 100)
            #expect(Set(keys).isSubset(of: found.map(\.key)))
        }
        #expect(try collection.select(.compare(key: "number", .less, 4)).count > 0)
        #expect(try store.verify() == [])
        // It can be written to, and then read again.
        _ = try await collection.delete(ids: ["d0"])
        await store.close()
        #expect(try VectorStore.check(directory: directory.path).findings == [])
    }

    @Test(
        "of version 1 are brought up to date whatever their word tables hold",
        arguments: [
            "UPDATE fts_1_data SET block = x'0001'", "DELETE FROM fts_1_data",
            "DELETE FROM fts_1_config", "DROP TABLE fts_1_docsize", "DROP TABLE fts_1",
        ]
    )
    func damagedWordTables(sql: String) async throws {
        let directory = try Self.directory(1)
        let file = try DatabaseQueue(path: directory.path + "/ragd.sqlite")
        try await file.write { try $0.execute(sql: sql) }
        try file.close()
        let store = try VectorStore.open(directory: directory.path)
        let collection = try store.collection(named: "golden")
        #expect(collection.damage == [:])
        #expect(collection.configuration.textLanguage == .porter)
        #expect(try collection.searchLexical("documents", count: 100).isEmpty == false)
        #expect(try store.verify() == [])
        await store.close()
        #expect(try VectorStore.check(directory: directory.path).findings == [])
    }

    @Test("are written down once", .enabled(if: isWriting))
    func write() async throws {
        let directory = try TemporaryDirectory()
        let store = try VectorStore.open(directory: directory.path)
        let (collection, _) = try await store.createCollection(Self.configuration)
        _ = try await collection.upsert(Self.documents)
        await store.close()
        let files = try directory.databaseFiles()
        let bytes = try #require(files["ragd.sqlite"])
        let file = Self.file(Self.versions[Self.versions.count - 1])
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(StoredBlob.encode(bytes)).write(to: file, options: .withoutOverwriting)
    }

    /// A folder with the data of a version.
    private static func directory(_ version: Int) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let stored = try Data(contentsOf: file(version))
        let bytes = try StoredBlob.decode(
            Array(stored).span,
            countMax: 16 << 20,
            "the folder of format \(version)"
        )
        try directory.write(["ragd.sqlite": bytes])
        return directory
    }

    private static func file(_ version: Int) -> URL {
        ModelsFolder.packageRoot
            .appendingPathComponent("Tests/Data/formats/\(version)/ragd.sqlite.blob")
    }

    private static let configuration = StoreFixture.configuration("golden")

    /// What is in it.
    private static let documents: [DocumentWrite] = {
        var random = SeededRandom(seed: 1)
        return (0..<6).map { number in
            StoreFixture.document(
                "d\(number)",
                words: 12 * number + 3,
                title: "title\(number) of a document",
                metadata: [
                    "number": .integer(Int64(number)), "tags": .array(["a", "b"]),
                    "author": .object(["name": .string("Ada")]),
                ],
                using: &random
            )
        }
    }()
}
