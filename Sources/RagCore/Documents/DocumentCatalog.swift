internal import VectorStore

/// Lists, reads and deletes the documents of one collection; runs on the service's read threads.
struct DocumentCatalog {
    private let engine: Engine
    private let collection: Collection

    init(_ engine: Engine, collection: String) throws(RagError) {
        self.engine = engine
        self.collection = try engine.collection(collection)
    }

    func list(cursor: String?, limit: Int, filter: Filter?) throws(RagError) -> DocumentList {
        try Limits.check(
            limit,
            in: 1...engine.limits.pageLimitMax,
            "documents of a page",
            param: "limit"
        )
        let page = try translating { () throws(VectorStoreError) in
            try filter?.validate()
            return try collection.documents(after: cursor, limit: limit, filter: filter)
        }
        return DocumentList(
            documents: page.documents.map(DocumentInfo.init),
            nextCursor: page.nextCursor
        )
    }

    func document(_ id: String) throws(RagError) -> DocumentDetail {
        let stored = try translating { () throws(VectorStoreError) in
            try collection.document(id: id)
        }
        guard let stored else {
            throw RagError(
                .notFound,
                "no document '\(id.prefix(100))' in collection '\(collection.configuration.name)'",
                param: "id"
            )
        }
        return DocumentDetail(
            info: DocumentInfo(stored.summary),
            text: stored.text,
            chunks: stored.chunks.map { chunk in
                DocumentDetail.Chunk(
                    id: String(chunk.key),
                    range: chunk.range,
                    tokens: chunk.tokenCount
                )
            }
        )
    }

    func delete(ids: [String]) async throws(RagError) -> Int {
        try Limits.check(
            ids.count,
            atMost: engine.limits.deleteIdentifiersMax,
            "ids to delete",
            param: "ids"
        )
        let collection = collection
        return try await translating { () async throws(VectorStoreError) in
            try await collection.delete(ids: ids)
        }
    }

    func delete(matching filter: Filter) async throws(RagError) -> Int {
        let collection = collection
        return try await translating { () async throws(VectorStoreError) in
            try filter.validate()
            return try await collection.delete(matching: filter)
        }
    }
}

extension DocumentInfo {
    fileprivate init(_ stored: DocumentSummary) {
        self.init(
            id: stored.id,
            title: stored.title,
            source: stored.source,
            metadata: stored.metadata,
            byteCount: stored.byteCount,
            tokens: stored.tokenCount,
            chunks: stored.chunkCount,
            createdAt: stored.createdAt,
            updatedAt: stored.updatedAt
        )
    }
}
