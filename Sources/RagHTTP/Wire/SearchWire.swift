import RagCore
import StrictJSON
import VectorStore

extension Filter {
    /// Reads a filter from the JSON form of docs/API.md.
    init(json: JSONValue) throws(APIError) {
        let value = try MetadataValue(json, path: "filter")
        do throws(VectorStoreError) {
            try self.init(parsing: value)
        } catch {
            throw APIError(filter: error)
        }
    }
}

extension Fields {
    /// A metadata filter.
    mutating func filter(_ name: String) throws(APIError) -> Filter? {
        guard let value = value(name) else { return nil }
        return try Filter(json: value)
    }

    /// `true`, `false`, or the settings of a rerank.
    mutating func rerank(_ name: String) throws(APIError) -> SearchRequest.Rerank? {
        guard let value = value(name) else { return nil }
        if case .bool(let isWanted) = value.content {
            return isWanted ? SearchRequest.Rerank() : nil
        }
        guard case .object = value.content else {
            throw wrongType(name, expected: "true, false or an object", value)
        }
        var fields = try Fields(value, path: pathTo(name))
        var rerank = SearchRequest.Rerank()
        rerank.model = try fields.string("model")
        rerank.candidates = try fields.integer("candidates") ?? rerank.candidates
        rerank.instruction = try fields.string("instruction")
        try fields.refuseUnknown()
        return rerank
    }
}

/// What hits can be grouped by.
private enum Grouping: String, CaseIterable {
    case document
}

extension SearchRequest {
    /// Reads the fields of `POST /v1/collections/{name}/search`.
    init(_ fields: inout Fields) throws(APIError) {
        self.init()
        query = try fields.string("query")
        vector = try fields.vector("vector")
        limit = try fields.integer("limit") ?? limit
        offset = try fields.integer("offset") ?? offset
        mode = try fields.choice("mode")
        filter = try fields.filter("filter")
        rerank = try fields.rerank("rerank")
        groupByDocument = try fields.choice("group_by", of: Grouping.self) == .document
        context = try fields.integer("context") ?? context
        minScore = try fields.float("min_score")
        ef = try fields.integer("ef")
        exact = try fields.bool("exact") ?? exact
        dimensions = try fields.integer("dimensions")
        explain = try fields.bool("explain") ?? explain
        model = try fields.string("model")
        queryPrompt = try fields.string("query_prompt")
        instruction = try fields.string("instruction")
    }
}

extension SearchResponse {
    /// Writes the hits, the usage and, when asked to explain, the times.
    func write(to json: inout JSONWriter, explain: Bool) {
        json.array("hits", hits) { json, hit in json.object { hit.write(to: &$0) } }
        json.object("usage") { json in
            json.member("query_tokens", queryTokens)
            json.member("rerank_tokens", rerankTokens)
        }
        if explain {
            json.object("timing_ms") { json in
                json.member("embed", timings.embed)
                json.member("search", timings.search)
                json.member("rerank", timings.rerank)
                json.member("total", timings.total)
            }
        }
        if let degraded { json.member("degraded", degraded) }
    }
}

extension SearchHit {
    /// Writes the members of a hit.
    func write(to json: inout JSONWriter) {
        json.member("document_id", documentID)
        json.member("chunk_id", chunkID)
        json.member("text", text)
        json.member("score", score)
        json.member("title", title)
        json.member("metadata", metadata)
        json.object("source") { json in
            json.member("name", source.name)
            json.member("start", source.start)
            json.member("end", source.end)
        }
        if let scores {
            json.object("scores") { json in
                json.member("dense", scores.dense)
                json.member("lexical", scores.lexical)
                json.member("fused", scores.fused)
                json.member("rerank", scores.rerank)
            }
        }
    }
}
