import Foundation
public import RagCore
import StrictJSON

/// A test collection in BEIR's layout: `corpus.jsonl`, `queries.jsonl` and `qrels/SPLIT.tsv`.
public struct BEIRDataset: Sendable {
    /// One question with what is known of its answers.
    public struct Query: Sendable {
        /// Its id.
        public var id: String
        /// Its text.
        public var text: String
        /// Gains by document id.
        public var judgements: [String: Int]
    }

    /// The documents, in the order of the file.
    public var documents: [DocumentInput]

    /// The questions that have at least one relevant document, in the order of the file.
    public var queries: [Query]

    /// Reads the folder.
    ///
    /// - Throws: `DatasetError` naming the file and the line.
    public init(directory: String, split: String = "test") throws(DatasetError) {
        documents = try Self.readLines(directory + "/corpus.jsonl") { fields throws(APIError) in
            DocumentInput(
                id: try fields.requiredString("_id"),
                text: try fields.requiredString("text"),
                title: try fields.string("title").flatMap { $0.isEmpty ? nil : $0 }
            )
        }
        let judgements = try Self.readJudgements(directory + "/qrels/\(split).tsv")
        queries = try Self.readLines(directory + "/queries.jsonl") { fields throws(APIError) in
            let id = try fields.requiredString("_id")
            let text = try fields.requiredString("text")
            return Query(id: id, text: text, judgements: judgements[id] ?? [:])
        }
        .filter { query in query.judgements.values.contains { $0 > 0 } }
    }

    private static func readLines<Element>(
        _ path: String,
        _ read: (inout Fields) throws(APIError) -> Element
    ) throws(DatasetError) -> [Element] {
        var elements: [Element] = []
        for (index, line) in try text(path).split(separator: "\n").enumerated() {
            do {
                var fields = try Fields(try JSONReader.read(Array(line.utf8)))
                elements.append(try read(&fields))
            } catch let error as APIError {
                throw DatasetError(description: "\(path), line \(index + 1): \(error.message)")
            } catch {
                throw DatasetError(description: "\(path), line \(index + 1): \(error)")
            }
        }
        return elements
    }

    /// Reads `query-id TAB corpus-id TAB score`, with or without BEIR's heading.
    private static func readJudgements(
        _ path: String
    ) throws(DatasetError) -> [String: [String: Int]] {
        var judgements: [String: [String: Int]] = [:]
        for (index, line) in try text(path).split(separator: "\n").enumerated() {
            let columns = line.split(separator: "\t").map(String.init)
            guard columns.count == 3, let gain = Int(columns[2]) else {
                if index == 0 { continue }
                throw DatasetError(
                    description: "\(path), line \(index + 1): expected three columns, a number last"
                )
            }
            judgements[columns[0], default: [:]][columns[1]] = gain
        }
        return judgements
    }

    private static func text(_ path: String) throws(DatasetError) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            let isCompressed = FileManager.default.fileExists(atPath: path + ".gz")
            let mend = isCompressed ? "; there is \(path).gz: gunzip it first" : ""
            throw DatasetError(description: "cannot read \(path)\(mend)")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw DatasetError(description: "\(path) is not UTF-8")
        }
        return text
    }
}

/// Why a test collection cannot be used.
public struct DatasetError: Error, Sendable, CustomStringConvertible {
    /// The file, the line and what is wrong.
    public let description: String
}
