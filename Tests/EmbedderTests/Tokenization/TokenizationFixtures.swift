import Embedder
import Foundation

/// The files of `Fixtures/tokenization`, and the default model's tokenizer they were made with.
enum TokenizationFixtures {
    struct Case: Decodable {
        let text: String
        let ids: [Int32]
        let offsets: [Int]
    }

    struct PairCase: Decodable {
        let first: String
        let second: String
        let limit: Int?
        let ids: [Int32]
        let types: [Int32]
        let offsets: [Int]
    }

    struct Pipeline: Decodable {
        struct Case: Decodable {
            let text: String
            let ids: [Int32]
            let offsets: [Int]
            let pairIDs: [Int32]
            let pairTypes: [Int32]
            let decoded: String
        }

        let name: String
        let tokenizer: String
        let cases: [Case]
    }

    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    private static let loaded = Result { try Tokenizer(directory: modelFolder()) }

    /// The default model's tokenizer, read once for all tests.
    static func tokenizer() throws -> Tokenizer {
        try loaded.get()
    }

    /// The default model's folder.
    private static func modelFolder() throws -> String {
        let name = "all-MiniLM-L6-v2"
        var candidates: [URL] = []
        if let models = ProcessInfo.processInfo.environment["RAGD_MODELS"] {
            candidates.append(URL(fileURLWithPath: models))
        }
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            candidates.append(folder.appendingPathComponent("models"))
        }
        for candidate in candidates.map({ $0.appendingPathComponent(name) })
        where FileManager.default.fileExists(atPath: candidate.path) {
            return candidate.path
        }
        throw Missing(description: "no models/\(name); run `make model`")
    }

    static func json<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(contentsOf: url(name)))
    }

    /// A file of 64-bit fingerprints, little-endian.
    static func fingerprints(_ name: String) throws -> [UInt64] {
        let bytes = try bytes(name)
        return stride(from: 0, to: bytes.count, by: 8).map { start in
            bytes[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: url(name)))
    }

    private static func url(_ name: String) throws -> URL {
        guard
            let url = Bundle.module.url(
                forResource: name,
                withExtension: nil,
                subdirectory: "Fixtures/tokenization"
            )
        else { throw Missing(description: "no fixture \(name)") }
        return url
    }
}

/// FNV-1a, 64 bits, over 32-bit integers in little-endian order.
struct Fingerprint {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func append(_ word: Int32) {
        var rest = UInt32(bitPattern: word)
        for _ in 0..<4 {
            value = (value ^ UInt64(rest & 0xff)) &* 0x100_0000_01b3
            rest >>= 8
        }
    }
}

extension Fingerprint {
    /// The value as the fixtures write it.
    var hexadecimal: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Appends the count, the ids and the offsets of an encoding.
    mutating func append(_ encoding: Encoding) {
        append(Int32(encoding.count))
        for id in encoding.ids { append(id) }
        for offset in encoding.flatOffsets { append(Int32(offset)) }
    }
}

extension Encoding {
    /// The offsets as the fixtures write them.
    var flatOffsets: [Int] { offsets.flatMap { [$0.lowerBound, $0.upperBound] } }

    /// The fingerprint of the count, the ids and the offsets.
    var fingerprint: UInt64 {
        var fingerprint = Fingerprint()
        fingerprint.append(self)
        return fingerprint.value
    }
}
