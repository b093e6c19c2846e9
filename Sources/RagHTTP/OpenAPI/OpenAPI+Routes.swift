extension OpenAPI.Operation {
    private static let collection = "/v1/collections/{name}"

    /// Every route of the server.
    static let all: [Self] = [
        Self(method: "get", path: "/health", summary: "Is the process up", isOpen: true),
        Self(method: "get", path: "/ready", summary: "Does it take requests", isOpen: true),
        Self(method: "get", path: "/openapi.json", summary: "This document", isOpen: true),
        Self(method: "get", path: "/metrics", summary: "Counters in Prometheus's format"),
        Self(method: "get", path: "/v1/models", summary: "List the models"),
        Self(method: "get", path: "/v1/models/{model}", summary: "One model"),
        Self(method: "get", path: "/v1/collections", summary: "List the collections"),
        Self(
            method: "put",
            path: collection,
            summary: "Make a collection",
            body: "CollectionRequest"
        ),
        Self(method: "get", path: collection, summary: "One collection"),
        Self(
            method: "patch",
            path: collection,
            summary: "Make a collection's index anew",
            body: "ReindexRequest"
        ),
        Self(method: "delete", path: collection, summary: "Drop a collection"),
        Self(
            method: "post",
            path: collection + "/documents",
            summary: "Store documents",
            body: "IngestRequest"
        ),
        Self(
            method: "get",
            path: collection + "/documents",
            summary: "List documents",
            query: ["cursor", "limit", "filter"]
        ),
        Self(
            method: "post",
            path: collection + "/documents/delete",
            summary: "Delete documents by id or filter",
            body: "DeleteRequest"
        ),
        Self(method: "get", path: collection + "/documents/{id}", summary: "One document"),
        Self(method: "delete", path: collection + "/documents/{id}", summary: "Delete a document"),
        Self(
            method: "post",
            path: collection + "/search",
            summary: "Ranked passages for a question",
            body: "SearchRequest"
        ),
        Self(
            method: "post",
            path: "/v1/embeddings",
            summary: "Vectors, as at OpenAI",
            body: "EmbeddingsRequest"
        ),
        Self(
            method: "post",
            path: "/v1/rerank",
            summary: "Rank passages, as at Jina and Cohere v1",
            body: "RerankRequest"
        ),
        Self(
            method: "post",
            path: "/v2/rerank",
            summary: "Rank passages, as at Cohere v2",
            body: "RerankRequest"
        ),
    ]
}

extension OpenAPI.Schema {
    /// The request bodies.
    static let all: [Self] = [
        Self(
            name: "CollectionRequest",
            required: [],
            fields: [
                ("model", "string"), ("dimensions", "integer"), ("metric", "string"),
                ("chunking", "object"), ("index", "object"), ("late_interaction", "string"),
                ("query_prompt", "string"), ("document_prompt", "string"),
                ("instruction", "string"), ("language", "string"),
            ]
        ),
        Self(name: "ReindexRequest", required: ["index"], fields: [("index", "object")]),
        Self(name: "IngestRequest", required: ["documents"], fields: [("documents", "array")]),
        Self(
            name: "DeleteRequest",
            required: [],
            fields: [("ids", "array"), ("filter", "object")]
        ),
        Self(
            name: "SearchRequest",
            required: [],
            fields: [
                ("query", "string"), ("vector", "array"), ("limit", "integer"),
                ("offset", "integer"), ("mode", "string"), ("filter", "object"),
                ("fusion", "object"), ("rerank", "any"), ("mmr", "any"), ("group_by", "string"),
                ("context", "integer"),
                ("min_score", "number"), ("ef", "integer"), ("exact", "boolean"),
                ("dimensions", "integer"), ("explain", "boolean"), ("model", "string"),
                ("query_prompt", "string"), ("instruction", "string"),
            ]
        ),
        Self(
            name: "EmbeddingsRequest",
            required: ["input"],
            fields: [
                ("model", "string"), ("input", "any"), ("encoding_format", "string"),
                ("dimensions", "integer"), ("user", "string"), ("input_type", "string"),
                ("truncate", "boolean"), ("prompt_name", "string"), ("prompt", "string"),
                ("instruction", "string"),
            ],
            isStrict: false
        ),
        Self(
            name: "RerankRequest",
            required: ["query", "documents"],
            fields: [
                ("model", "string"), ("query", "string"), ("documents", "array"),
                ("top_n", "integer"), ("return_documents", "boolean"),
                ("max_tokens_per_doc", "integer"), ("instruction", "string"),
            ],
            isStrict: false
        ),
    ]
}
