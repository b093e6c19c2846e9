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

extension Fields {
    /// How hybrid fuses its rankings.
    mutating func fusion(_ name: String) throws(APIError) -> SearchRequest.FusionSettings? {
        guard var fields = try object(name) else { return nil }
        var fusion = SearchRequest.FusionSettings()
        fusion.method = try fields.choice("method") ?? fusion.method
        fusion.rankConstant = try fields.integer("k")
        if var weights = try fields.object("weights") {
            fusion.denseWeight = try weights.float("dense") ?? fusion.denseWeight
            fusion.lexicalWeight = try weights.float("lexical") ?? fusion.lexicalWeight
            try weights.refuseUnknown()
        }
        try fields.refuseUnknown()
        return fusion
    }

    /// `true`, `false`, or the settings of diverse hits.
    mutating func diversity(_ name: String) throws(APIError) -> SearchRequest.Diversity? {
        guard let value = value(name) else { return nil }
        if case .bool(let isWanted) = value.content {
            return isWanted ? SearchRequest.Diversity() : nil
        }
        guard case .object = value.content else {
            throw wrongType(name, expected: "true, false or an object", value)
        }
        var fields = try Fields(value, path: pathTo(name))
        var diversity = SearchRequest.Diversity()
        diversity.lambda = try fields.float("lambda") ?? diversity.lambda
        diversity.candidates = try fields.integer("candidates")
        try fields.refuseUnknown()
        return diversity
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
        fusion = try fields.fusion("fusion")
        rerank = try fields.rerank("rerank")
        diversity = try fields.diversity("mmr")
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
                json.member("mmr", scores.marginal)
            }
        }
    }
}
