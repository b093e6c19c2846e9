import Embedder
import Foundation
import Testing

/// The whole test collection through the tokenizer, against the library's fingerprints.
@Suite("Cranfield parity")
struct CranfieldParityTests {
    private struct Document: Decodable {
        let title: String
        let text: String
    }

    @Test("ids and offsets of all documents are the library's")
    func documents() throws {
        let tokenizer = try TokenizationFixtures.tokenizer()
        let expected = try TokenizationFixtures.fingerprints("cranfield.u64")
        let documents = try Self.documents()
        #expect(documents.count == expected.count)
        for (document, fingerprint) in zip(documents, expected) {
            let encoding = try tokenizer.encode(document, tokensMax: nil)
            #expect(encoding.fingerprint == fingerprint, "\(document.prefix(60))")
        }
    }

    /// Title and text of each document, from where `make data` unpacked them.
    static func documents() throws -> [String] {
        let url = try corpus()
        let lines = try Data(contentsOf: url).split(separator: UInt8(ascii: "\n"))
        return try lines.map { line in
            let document = try JSONDecoder().decode(Document.self, from: Data(line))
            return document.title + " " + document.text
        }
    }

    private static func corpus() throws -> URL {
        var candidates: [URL] = []
        if let folder = ProcessInfo.processInfo.environment["RAGD_CRANFIELD"] {
            candidates.append(URL(fileURLWithPath: folder))
        }
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            candidates.append(folder.appendingPathComponent(".build/data/cranfield"))
        }
        for candidate in candidates.map({ $0.appendingPathComponent("corpus.jsonl") })
        where FileManager.default.fileExists(atPath: candidate.path) {
            return candidate
        }
        throw TokenizationFixtures.Missing(
            description: "no .build/data/cranfield/corpus.jsonl; run `make data`"
        )
    }
}
