import RagCore
import StrictJSON

/// The two forms of the rerank request.
enum RerankVersion: Sendable {
    /// Cohere's first, and with `usage` and `model` also Jina's.
    case one
    /// Cohere's second: never returns the passages.
    case two
}

extension RerankRequest {
    /// Reads the fields of either form.
    init(_ fields: inout Fields, version: RerankVersion) throws(APIError) {
        let model = try fields.string("model")
        let query = try fields.requiredString("query")
        self.init(model: model, query: query, documents: try fields.passages("documents"))
        topN = try fields.integer("top_n")
        instruction = try fields.string("instruction")
        // Cohere's first form has `max_chunks_per_doc` instead, which is passed over: no passage is cut
        // into chunks that are scored apart.
        documentTokensMax = try fields.integer("max_tokens_per_doc")
        if version == .one {
            returnDocuments = try fields.bool("return_documents") ?? false
        }
    }
}

extension Fields {
    /// Passages, each a string or, as in Cohere's first form, an object with `text`.
    fileprivate mutating func passages(_ name: String) throws(APIError) -> [String] {
        _ = try required(name)
        var passages: [String] = []
        for (index, element) in (try array(name) ?? []).enumerated() {
            if case .string(let text) = element.content {
                passages.append(text)
            } else {
                var fields = try Fields(element, path: "\(pathTo(name))[\(index)]")
                passages.append(try fields.requiredString("text"))
            }
        }
        return passages
    }
}

extension RerankResponse {
    /// Writes the ranking in the form that was asked for.
    func write(to json: inout JSONWriter, id: String, version: RerankVersion) {
        json.member("id", id)
        if version == .one { json.member("model", model) }
        json.array("results", results) { json, result in
            json.object { json in
                json.member("index", result.index)
                json.member("relevance_score", result.score)
                if result.isTruncated { json.member("truncated", true) }
                if let text = result.text {
                    json.object("document") { $0.member("text", text) }
                }
            }
        }
        if version == .one {
            json.object("usage") { json in
                json.member("prompt_tokens", tokens)
                json.member("total_tokens", tokens)
            }
        }
        json.object("meta") { json in
            json.object("api_version") { $0.member("version", version == .one ? "1" : "2") }
            json.object("billed_units") { $0.member("search_units", 1) }
        }
    }
}
