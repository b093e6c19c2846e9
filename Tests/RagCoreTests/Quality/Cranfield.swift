import Foundation

/// The Cranfield collection in BEIR's layout: documents, questions, and which answer which.
struct Cranfield {
    struct Document: Decodable {
        let id: String
        let title: String
        let text: String

        private enum CodingKeys: String, CodingKey {
            case id = "_id"
            case title
            case text
        }
    }

    struct Query: Decodable {
        let id: String
        let text: String

        private enum CodingKeys: String, CodingKey {
            case id = "_id"
            case text
        }
    }

    let documents: [Document]
    let queries: [Query]
    /// Question to document to grade; grades below 0 read as 0.
    let judgements: [String: [String: Double]]

    /// Reads the collection where `make data` unpacks it, or where `RAGD_CRANFIELD` says.
    static func load() throws -> Cranfield {
        let folder = try folder()
        var judgements: [String: [String: Double]] = [:]
        let table = try String(
            contentsOf: folder.appendingPathComponent("qrels/test.tsv"),
            encoding: .utf8
        )
        for line in table.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: "\t")
            guard fields.count == 3, let grade = Double(fields[2]) else {
                throw MissingInput("a line of qrels/test.tsv is not three fields: \(line)")
            }
            judgements[String(fields[0]), default: [:]][String(fields[1])] = max(0, grade)
        }
        return Cranfield(
            documents: try lines(of: folder.appendingPathComponent("corpus.jsonl")),
            queries: try lines(of: folder.appendingPathComponent("queries.jsonl")),
            judgements: judgements
        )
    }

    private static func folder() throws -> URL {
        if let path = ProcessInfo.processInfo.environment["RAGD_CRANFIELD"] {
            return URL(fileURLWithPath: path)
        }
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let data = folder.appendingPathComponent(".build/data/cranfield")
            if FileManager.default.fileExists(atPath: data.path) { return data }
        }
        throw MissingInput("no .build/data/cranfield; run `make data`, or set RAGD_CRANFIELD")
    }

    private static func lines<Value: Decodable>(of file: URL) throws -> [Value] {
        try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).map { line in
            try JSONDecoder().decode(Value.self, from: Data(line))
        }
    }
}

extension Cranfield {
    /// The nDCG of a ranking's first ten.
    ///
    /// As BEIR computes it: linear gain, log2 discount, the ideal over everything judged. `nil` for
    /// a question without a relevant document.
    func gainAt10(of ranking: [String], for query: Query) -> Double? {
        let grades = judgements[query.id] ?? [:]
        let ideal = Self.discounted(grades.values.sorted(by: >))
        guard ideal > 0 else { return nil }
        return Self.discounted(ranking.map { grades[$0] ?? 0 }) / ideal
    }

    private static func discounted(_ grades: [Double]) -> Double {
        grades.prefix(10).enumerated().reduce(0) { $0 + $1.element / log2(Double($1.offset + 2)) }
    }
}
