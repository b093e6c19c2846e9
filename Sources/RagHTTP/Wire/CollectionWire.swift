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
        if var index = try fields.object("index") {
            self.index = Index(
                connectivity: try index.integer("m"),
                expansionConstruction: try index.integer("ef_construction"),
                quantization: try index.choice("quantization"),
                vectors: try index.choice("vectors")
            )
            try index.refuseUnknown()
        }
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
            json.member("m", connectivity)
            json.member("ef_construction", expansionConstruction)
            json.member("quantization", quantization.rawValue)
            json.member("vectors", vectorPlace.rawValue)
            json.member("state", indexState)
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
            json.member("index", bytes.index)
            json.member("text_index", bytes.textIndex)
        }
        json.member("position", Int(position))
    }
}
