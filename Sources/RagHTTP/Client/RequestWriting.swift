import RagCore
import VectorStore

// The requests of `RagCore` in the form in which `Wire/` reads them. Members with their default are
// left out.

extension CollectionSpec {
    func write(to json: inout JSONWriter) {
        if let model { json.member("model", model) }
        if let dimensions { json.member("dimensions", dimensions) }
        if let metric { json.member("metric", metric.rawValue) }
        if let lateInteraction { json.member("late_interaction", lateInteraction.rawValue) }
        if let queryPrompt { json.member("query_prompt", queryPrompt) }
        if let documentPrompt { json.member("document_prompt", documentPrompt) }
        if let instruction { json.member("instruction", instruction) }
        if let language { json.member("language", language.rawValue) }
        if let chunking {
            json.object("chunking") { json in
                json.member("max_tokens", chunking.tokensMax)
                json.member("overlap_tokens", chunking.overlapTokens)
            }
        }
        if let index { json.object("index") { index.write(to: &$0) } }
    }
}

extension CollectionSpec.Index {
    func write(to json: inout JSONWriter) {
        json.member("m", connectivity)
        json.member("ef_construction", expansionConstruction)
        json.member("quantization", quantization?.rawValue)
        json.member("vectors", vectors?.rawValue)
    }
}

extension DocumentInput {
    func write(to json: inout JSONWriter) {
        if let id { json.member("id", id) }
        if let title { json.member("title", title) }
        if let source { json.member("source", source) }
        if !metadata.isEmpty { json.member("metadata", metadata) }
        json.member("text", text)
    }
}

extension SearchRequest {
    func write(to json: inout JSONWriter, filter: MetadataValue?) {
        if let query { json.member("query", query) }
        if let vector {
            json.name("vector")
            json.value(vector)
        }
        json.member("limit", limit)
        if offset > 0 { json.member("offset", offset) }
        if let mode { json.member("mode", mode.rawValue) }
        if let filter {
            json.name("filter")
            json.value(filter)
        }
        if let fusion {
            json.object("fusion") { json in
                json.member("method", fusion.method.rawValue)
                if let constant = fusion.rankConstant { json.member("k", constant) }
                json.object("weights") { json in
                    json.member("dense", fusion.denseWeight)
                    json.member("lexical", fusion.lexicalWeight)
                }
            }
        }
        if let diversity {
            json.object("mmr") { json in
                json.member("lambda", diversity.lambda)
                if let candidates = diversity.candidates { json.member("candidates", candidates) }
            }
        }
        if let rerank {
            json.object("rerank") { json in
                json.member("candidates", rerank.candidates)
                json.member("model", rerank.model)
                if let instruction = rerank.instruction { json.member("instruction", instruction) }
            }
        }
        if groupByDocument { json.member("group_by", "document") }
        if context > 0 { json.member("context", context) }
        if let minScore { json.member("min_score", minScore) }
        if let ef { json.member("ef", ef) }
        if exact { json.member("exact", true) }
        if let dimensions { json.member("dimensions", dimensions) }
        if explain { json.member("explain", true) }
        if let model { json.member("model", model) }
        if let queryPrompt { json.member("query_prompt", queryPrompt) }
        if let instruction { json.member("instruction", instruction) }
    }
}

extension RerankRequest {
    func write(to json: inout JSONWriter) {
        if let model { json.member("model", model) }
        json.member("query", query)
        json.array("documents", documents) { $0.value($1) }
        if let topN { json.member("top_n", topN) }
        if let documentTokensMax { json.member("max_tokens_per_doc", documentTokensMax) }
        if let instruction { json.member("instruction", instruction) }
    }
}

extension EmbedRequest {
    func write(to json: inout JSONWriter) {
        if let model { json.member("model", model) }
        json.member("encoding_format", VectorEncoding.float.rawValue)
        json.array("input", inputs) { json, input in
            switch input {
            case .text(let text): json.value(text)
            case .tokens(let ids): json.array(ids) { $0.value(Int($1)) }
            }
        }
        if let dimensions { json.member("dimensions", dimensions) }
        if role != .none { json.member("input_type", role.rawValue) }
        switch prompt {
        case nil: break
        case .text(let text): json.member("prompt", text)
        case .name(let name): json.member("prompt_name", name)
        case .instruction(let task): json.member("instruction", task)
        }
        if truncate { json.member("truncate", true) }
    }
}
