import Foundation

/// Reading texts and writing what was measured.
enum BenchmarkTexts {
    /// The texts of a file of JSON lines, each with its title before it where it has one.
    static func read(_ path: String, limit: Int = .max) throws -> [String] {
        struct Document: Decodable {
            let title: String?
            let text: String
        }
        let decoder = JSONDecoder()
        return try String(contentsOfFile: path, encoding: .utf8)
            .split(separator: "\n")
            .prefix(limit)
            .map { line in
                let document = try decoder.decode(Document.self, from: Data(line.utf8))
                return document.title.map { $0 + " " + document.text } ?? document.text
            }
    }

    /// Writes vectors as rows of little-endian f32.
    static func write(_ vectors: some Sequence<[Float]>, to path: String) throws {
        var data = Data()
        for vector in vectors {
            for bits in vector.lazy.map(\.bitPattern) {
                for shift in stride(from: UInt32(0), to: 32, by: 8) {
                    data.append(UInt8(truncatingIfNeeded: bits >> shift))
                }
            }
        }
        try data.write(to: URL(fileURLWithPath: path))
    }

    /// Prints a line of JSON at once: a driver waits for it.
    static func printLine(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        var line = try encoder.encode(value)
        line.append(UInt8(ascii: "\n"))
        try FileHandle.standardOutput.write(contentsOf: line)
    }
}

extension Duration {
    /// The duration in milliseconds.
    var milliseconds: Double {
        Double(components.seconds) * 1e3 + Double(components.attoseconds) * 1e-15
    }
}
