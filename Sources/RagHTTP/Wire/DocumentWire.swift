import Foundation
import RagCore
import VectorStore

extension Fields {
    /// The documents of an ingest request.
    mutating func documents(_ name: String) throws(APIError) -> [DocumentInput] {
        _ = try required(name)
        var documents: [DocumentInput] = []
        for (index, element) in (try array(name) ?? []).enumerated() {
            var fields = try Fields(element, path: "\(pathTo(name))[\(index)]")
            documents.append(
                DocumentInput(
                    id: try fields.string("id"),
                    text: try fields.requiredString("text"),
                    title: try fields.string("title"),
                    metadata: try fields.metadata("metadata") ?? [:],
                    source: try fields.string("source")
                )
            )
            try fields.refuseUnknown()
        }
        return documents
    }
}

extension DocumentOutcome {
    /// Writes what became of one document.
    func write(to json: inout JSONWriter) {
        json.member("id", id)
        json.member("chunks", chunks)
        json.member("tokens", tokens)
        json.member("status", status.rawValue)
        if let error {
            json.object("error") { json in
                json.member("message", error.message)
                json.member("param", error.param)
                json.member("code", error.code)
            }
        }
    }
}

extension DocumentInfo {
    /// Writes the members of a document without its text.
    func write(to json: inout JSONWriter) {
        json.member("id", id)
        json.member("title", title)
        json.member("source", source)
        json.member("metadata", metadata)
        json.member("bytes", byteCount)
        json.member("tokens", tokens)
        json.member("chunk_count", chunks)
        json.member("created_at", Int(createdAt.timeIntervalSince1970))
        json.member("updated_at", Int(updatedAt.timeIntervalSince1970))
    }
}

extension DocumentDetail {
    /// Writes the members of a document with its text and the places of its chunks in it.
    func write(to json: inout JSONWriter) {
        info.write(to: &json)
        json.member("text", text)
        json.array("chunks", chunks) { json, chunk in
            json.object { json in
                json.member("id", chunk.id)
                json.member("start", chunk.range.lowerBound)
                json.member("end", chunk.range.upperBound)
                json.member("tokens", chunk.tokens)
            }
        }
    }
}
