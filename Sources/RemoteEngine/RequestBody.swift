internal import Foundation

/// The bodies of requests.
enum RequestBody {
    private struct Embeddings: Encodable {
        let model: String
        let input: [String]
        let encodingFormat: String

        enum CodingKeys: String, CodingKey {
            case model
            case input
            case encodingFormat = "encoding_format"
        }
    }

    private struct Rerank: Encodable {
        let model: String
        let query: String
        let documents: [String]
        let topN: Int
        let returnDocuments: Bool

        enum CodingKeys: String, CodingKey {
            case model
            case query
            case documents
            case topN = "top_n"
            case returnDocuments = "return_documents"
        }
    }

    /// The `/rerank` of text-embeddings-inference, which knows one model and scores all.
    private struct TextsRerank: Encodable {
        let query: String
        let texts: [String]
    }

    static func embeddings(
        model: String,
        texts: [String],
        format: String
    ) throws(RemoteError) -> [UInt8] {
        try json(Embeddings(model: model, input: texts, encodingFormat: format))
    }

    static func rerank(
        model: String,
        query: String,
        passages: [String]
    ) throws(RemoteError) -> [UInt8] {
        try json(
            Rerank(
                model: model,
                query: query,
                documents: passages,
                topN: passages.count,
                returnDocuments: false
            )
        )
    }

    static func textsRerank(query: String, passages: [String]) throws(RemoteError) -> [UInt8] {
        try json(TextsRerank(query: query, texts: passages))
    }

    private static func json(_ value: some Encodable) throws(RemoteError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        do {
            return Array(try encoder.encode(value))
        } catch {
            throw RemoteError(.malformed, "the request cannot be written")
        }
    }
}
