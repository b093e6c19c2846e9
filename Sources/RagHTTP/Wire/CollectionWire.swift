import RagCore
import VectorStore

extension CollectionSpec {
    /// Takes over the fields of `PUT /v1/collections/{name}`.
    mutating func read(_ fields: inout Fields) throws(APIError) {
        model = try fields.string("model")
        dimensions = try fields.integer("dimensions")
        metric = try fields.choice("metric")
        lateInteraction = try fields.choice("late_interaction")
        queryPrompt = try fields.string("query_prompt")
        documentPrompt = try fields.string("document_prompt")
        instruction = try fields.string("instruction")
        language = try fields.choice("language")
        if var chunking = try fields.object("chunking") {
            self.chunking = Chunking(
                tokensMax: try chunking.integer("max_tokens"),
                overlapTokens: try chunking.integer("overlap_tokens")
            )
            try chunking.refuseUnknown()
        }
        if var index = try fields.object("index") { self.index = try Index(&index) }
    }
}

extension CollectionSpec.Index {
    /// Reads the members of `index`, all of which may be missing.
    init(_ fields: inout Fields) throws(APIError) {
        self.init(
            connectivity: try fields.integer("m"),
            expansionConstruction: try fields.integer("ef_construction"),
            quantization: try fields.choice("quantization"),
            vectors: try fields.choice("vectors")
        )
        try fields.refuseUnknown()
    }

    /// Reads the body of `PATCH /v1/collections/{name}`.
    init(patch fields: inout Fields) throws(APIError) {
        guard var index = try fields.object("index") else {
            throw .invalid("the body needs index, which alone can be changed", param: "index")
        }
        self = try Self(&index)
        try fields.refuseUnknown()
    }
}

extension HNSWParameters {
    fileprivate func write(to json: inout JSONWriter) {
        json.member("m", connectivity)
        json.member("ef_construction", efConstruction)
        json.member("quantization", quantization.rawValue)
        json.member("vectors", vectors.rawValue)
    }
}

extension CollectionInfo {
    /// Writes the members of a collection.
    func write(to json: inout JSONWriter) {
        json.member("name", name)
        json.member("model", model)
        json.member("dimensions", dimensions)
        json.member("metric", metric.rawValue)
        json.object("chunking") { json in
            json.member("max_tokens", chunkTokensMax)
            json.member("overlap_tokens", chunkOverlapTokens)
        }
        json.object("index") { json in
            index.write(to: &json)
            json.member("state", indexState)
            if let pendingIndex {
                json.object("reindex") { json in
                    pendingIndex.write(to: &json)
                    json.member("progress", reindexProgress ?? 0)
                }
            }
        }
        json.member("late_interaction", lateInteraction.rawValue)
        json.member("query_prompt", queryPrompt)
        json.member("document_prompt", documentPrompt)
        json.member("language", language.rawValue)
        json.member("documents", documents)
        json.member("chunks", chunks)
        json.object("bytes") { json in
            json.member("text", bytes.text)
            json.member("vectors", bytes.vectors)
            json.member("token_codes", bytes.tokenCodes)
        }
        json.object("memory") { json in
            json.member("vectors", memory.index.vectors)
            json.member("codes", memory.index.codes)
            json.member("graph", memory.index.graph)
            json.member("keys", memory.index.keys)
            json.member("words", memory.words)
            json.member("metadata", memory.metadata)
            json.member("total", memory.total)
        }
        json.member("position", Int(position))
    }
}
