import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing
import VectorStore

/// Every byte of every kind of stored blob changed in turn (a sample of them in the fast suite).
///
/// The store must open, answer exactly from what is whole, say what is damaged, and be whole again
/// once that has been made anew.
@Suite("Damaged parts")
struct DamageTests {
    /// Where the bytes are that are changed.
    enum Kind: String, CaseIterable {
        case vectors
        case tokenCodes = "token_codes"
        case graphs = "graph_checkpoints"
        case texts = "document_text"
        case words = "text_checkpoints"

        var column: String { "data" }

        var part: StoredPart {
            switch self {
            case .vectors: .vector
            case .tokenCodes: .tokenCodes
            case .graphs: .graph
            case .texts: .text
            case .words: .textIndex
            }
        }
    }

    private static let isWhole = ProcessInfo.processInfo.environment["RAGD_SLOW_TESTS"] == "1"
    /// Bytes of a kind that the fast suite changes.
    private static let sampleCount = 40

    @Test("are detected, answered exactly, made anew and reported", arguments: Kind.allCases)
    func flippedBytes(kind: Kind) async throws {
        let whole = try await WholeStore.made.value
        var random = SeededRandom(seed: 88)
        var places = try whole.places(of: kind)
        if !Self.isWhole {
            places = Array(places.shuffled(using: &random).prefix(Self.sampleCount))
        }
        for place in places {
            let mask = UInt8.random(in: 1...255, using: &random)
            try await whole.exercise(kind, place, mask)
        }
        print("damaged parts: \(places.count) bytes of \(kind)")
        #expect(!places.isEmpty)
    }

    @Test("missing rows are like damaged ones", arguments: [Kind.vectors, .graphs, .words])
    func missingRows(kind: Kind) async throws {
        let whole = try await WholeStore.made.value
        let place = try #require(try whole.places(of: kind).first)
        try await whole.exercise(kind, place, nil)
    }
}

/// A byte of a blob.
private struct BlobPlace {
    var row: Int64
    var offset: Int
}

/// A small store, closed, and everything that it answers.
private struct WholeStore {
    let files: [String: [UInt8]]
    let documents: [DocumentWrite]
    let answers: Answers
    let embeddings: [ChunkEmbedding]
    let documentOfChunk: [ChunkKey: String]

    static let made = Task { try await make() }

    private static func make() async throws -> WholeStore {
        var random = SeededRandom(seed: 80)
        let open = try await StoreFixture.open()
        let documents = (0..<10).map { index in
            StoreFixture.document("d\(index)", words: 20, title: "title \(index)", using: &random)
        }
        _ = try await open.collection.upsert(documents)
        var embeddings: [ChunkEmbedding] = []
        var owners: [ChunkKey: String] = [:]
        for document in documents {
            let chunks = try open.collection.document(id: document.id)?.chunks ?? []
            for (chunk, write) in zip(chunks, document.chunks ?? []) {
                owners[chunk.key] = document.id
                embeddings.append(
                    ChunkEmbedding(
                        key: chunk.key,
                        textHash: write.textHash,
                        vector: write.vector,
                        tokenCodes: write.tokenCodes
                    )
                )
            }
        }
        let answers = try Answers(open.collection, documents)
        await open.store.close()
        return WholeStore(
            files: try open.directory.databaseFiles(),
            documents: documents,
            answers: answers,
            embeddings: embeddings,
            documentOfChunk: owners
        )
    }

    /// Every byte of a kind's blobs.
    func places(of kind: DamageTests.Kind) throws -> [BlobPlace] {
        let directory = try TemporaryDirectory()
        try directory.write(files)
        return try edit(directory) { db in
            try Row.fetchAll(
                db,
                // The key of a table without row numbers is its first columns.
                sql:
                    "SELECT rowid, length(\(kind.column)) FROM \(kind.rawValue)"
            ).flatMap { row -> [BlobPlace] in
                let number: Int64 = row[0]
                let count: Int = row[1] ?? 0
                return (0..<count).map { BlobPlace(row: number, offset: $0) }
            }
        }
    }

    private func edit<Value>(
        _ directory: TemporaryDirectory,
        _ body: (Database) throws -> Value
    ) throws -> Value {
        let queue = try DatabaseQueue(path: directory.path + "/ragd.sqlite")
        let value = try queue.write(body)
        try queue.close()
        return value
    }

    /// Changes a byte, or removes its row, and puts the store through its paces.
    func exercise(_ kind: DamageTests.Kind, _ place: BlobPlace, _ mask: UInt8?) async throws {
        let directory = try TemporaryDirectory()
        try directory.write(files)
        let chunk = kind == .vectors || kind == .tokenCodes ? place.row : nil
        let document = try edit(directory) { db -> Int64? in
            try Self.damage(db, kind, place, mask)
            guard kind == .texts else { return nil }
            return try Int64.fetchOne(
                db,
                sql: "SELECT document_key FROM document_text WHERE rowid = ?",
                arguments: [place.row]
            )
        }
        let what: Comment = "\(kind), row \(place.row), byte \(place.offset), mask \(mask ?? 0)"
        let events = Mutex<[String]>([])
        let store = try VectorStore.open(directory: directory.path) { event in
            events.withLock { $0.append("\(event)") }
        }
        let collection = try store.collection(named: "notes")
        let damagedText = document.map { "d\($0 - 1)" }

        // Answered exactly, from what is whole.
        let found = try Answers(collection, documents.filter { $0.id != damagedText })
        let withoutChunk = kind == .vectors ? chunk : nil
        let owners = documentOfChunk
        let expected = answers.without(
            vector: withoutChunk,
            codes: kind == .tokenCodes ? chunk : nil,
            texts: { damagedText != nil && owners[$0] == damagedText }
        )
        #expect(found.dense == expected.dense, what)
        #expect(found.tokenCodes == expected.tokenCodes, what)
        #expect(found.texts == expected.texts, what)
        let isExact = found.lexical == expected.lexical.filter { found.lexical[$0.key] != nil }

        // Detected and reported.
        let findings = try store.verify()
        #expect(isExact, what)
        // A start makes the indexes of few chunks again by itself.
        let isMended = kind.part == .graph || kind.part == .textIndex
        #expect(!findings.isEmpty || isMended, what)
        let isMissingWords = kind == .words && mask == nil
        #expect(!events.withLock(\.self).isEmpty || isMissingWords, what)

        // Made anew.
        try await repair(collection, damagedText: damagedText, chunk: chunk)
        #expect(collection.damage == [:], what)
        #expect(try store.verify() == [], what)
        let repaired = try Answers(collection, documents)
        if damagedText == nil {
            #expect(repaired == answers, what)
        } else {
            #expect(repaired.lexical.count == answers.lexical.count, what)
        }
        await store.close()
        let again = try VectorStore.open(directory: directory.path)
        #expect(try again.verify() == [], what)
        #expect(try again.collection(named: "notes").damage == [:], what)
        await again.close()
    }

    private static func damage(
        _ db: Database,
        _ kind: DamageTests.Kind,
        _ place: BlobPlace,
        _ mask: UInt8?
    ) throws {
        let condition = "rowid = \(place.row)"
        guard let mask else {
            try db.execute(sql: "DELETE FROM \(kind.rawValue) WHERE \(condition)")
            return
        }
        var data =
            try Data.fetchOne(
                db,
                sql: "SELECT \(kind.column) FROM \(kind.rawValue) WHERE \(condition)"
            ) ?? Data()
        data[data.startIndex + place.offset] ^= mask
        try db.execute(
            sql: "UPDATE \(kind.rawValue) SET \(kind.column) = ? WHERE \(condition)",
            arguments: [data]
        )
    }

    /// What the daemon and its callers do about damage.
    private func repair(
        _ collection: Collection,
        damagedText: String?,
        chunk: ChunkKey?
    ) async throws {
        if let chunk {
            #expect(collection.chunksToEmbed == [chunk])
            let embedding = embeddings.filter { $0.key == chunk }
            #expect(try await collection.replaceEmbeddings(embedding) == 1)
        }
        if let damagedText {
            _ = try await collection.upsert(documents.filter { $0.id == damagedText })
        }
        // Behind everything that the store does by itself.
        _ = try await collection.delete(ids: ["nobody"])
        _ = try await collection.delete(ids: ["nobody"])
    }
}

/// Everything that a collection answers.
private struct Answers: Equatable {
    /// Scores by chunk, of a search for every vector.
    var dense: [[ChunkKey: Float]] = []
    /// Scores by chunk, of a search for every word.
    var lexical: [String: [ChunkKey: Float]] = [:]
    var tokenCodes: [ChunkKey: [UInt8]] = [:]
    var texts: [ChunkKey: String] = [:]

    init(_ collection: Collection, _ documents: [DocumentWrite]) throws {
        var random = SeededRandom(seed: 81)
        for _ in 0..<3 {
            let query = random.unitVector(dimension: StoreFixture.dimension)
            let hits = try collection.searchDense(query, count: 1_000)
            dense.append(Self.scores(hits))
        }
        var keys: [ChunkKey] = []
        for document in documents {
            let stored = try collection.document(id: document.id)
            keys += stored?.chunks.map(\.key) ?? []
            #expect(stored?.text == document.text)
        }
        // A word of each document and their titles.
        let words = documents.map { String($0.text.prefix { $0 != " " }) } + ["title"]
        for word in words {
            lexical[word] = Self.scores(try collection.searchLexical(word, count: 1_000))
        }
        tokenCodes = try collection.tokenCodes(for: keys)
        texts = try collection.chunks(for: dense.flatMap(\.keys)).mapValues(\.text)
    }

    private static func scores(_ hits: [ChunkHit]) -> [ChunkKey: Float] {
        Dictionary(hits.map { ($0.key, $0.score) }) { first, _ in first }
    }

    /// The same of a store that lacks a vector, token codes or texts.
    func without(
        vector: ChunkKey?,
        codes: ChunkKey?,
        texts isGone: (ChunkKey) -> Bool
    ) -> Answers {
        var answers = self
        if let vector {
            answers.dense = dense.map { $0.filter { $0.key != vector } }
            answers.texts[vector] = nil
        }
        answers.texts = answers.texts.filter { !isGone($0.key) }
        answers.tokenCodes = tokenCodes.filter { $0.key != codes && !isGone($0.key) }
        return answers
    }
}
