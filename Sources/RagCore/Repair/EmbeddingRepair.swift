internal import Logging
internal import VectorStore

/// Embeds chunks again whose stored vectors or token codes were found damaged, from their texts.
///
/// A document is cut and embedded as an ingest would do it; what is damaged is replaced where the text
/// of the chunk is still the one that was embedded. Whatever else the document has stays as it is.
struct EmbeddingRepair {
    let engine: Engine
    let logger: Logger

    /// Repairs after every signal, until the signals end or the task is cancelled.
    func run(after signals: AsyncStream<Void>) async {
        for await _ in signals {
            for collection in engine.store.collections() where !Task.isCancelled {
                await repair(collection)
            }
        }
    }

    private func repair(_ collection: Collection) async {
        let keys = Set(collection.chunksToEmbed)
        guard !keys.isEmpty else { return }
        do throws(RagError) {
            for document in try documents(of: keys, in: collection) {
                guard !Task.isCancelled else { return }
                try await repair(document, of: keys, in: collection)
            }
        } catch {
            logger.error(
                "embeddings could not be repaired; the next start tries again",
                metadata: [
                    "collection": "\(collection.configuration.name)", "error": "\(error)",
                ]
            )
        }
    }

    private func documents(
        of keys: Set<ChunkKey>,
        in collection: Collection
    ) throws(RagError) -> [String] {
        let chunks = try translating { () throws(VectorStoreError) in
            try collection.chunks(for: keys.sorted())
        }
        return Set(chunks.values.map(\.documentID)).sorted()
    }

    private func repair(
        _ id: String,
        of keys: Set<ChunkKey>,
        in collection: Collection
    ) async throws(RagError) {
        let (document, hash) = try translating { () throws(VectorStoreError) in
            (try collection.document(id: id), try collection.contentHashes(ids: [id])[id])
        }
        guard let document, let hash else { return }
        let model = try engine.models.embedder(collection.configuration.model)
        let input = DocumentInput(
            id: id,
            text: document.text,
            title: document.summary.title,
            metadata: document.summary.metadata,
            source: document.summary.source
        )
        let prepared = try DocumentChunker(model, for: collection.configuration)
            .prepare(input, id: id, contentHash: hash.contentHash)
        let writes = try await ChunkEmbedder(engine, model, collection).embed([prepared])
        let embedded = Dictionary(
            (writes.first?.chunks ?? []).map { ($0.range, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let embeddings = document.chunks.filter { keys.contains($0.key) }.compactMap { chunk in
            embedded[chunk.range].map {
                ChunkEmbedding(
                    key: chunk.key,
                    textHash: $0.textHash,
                    vector: $0.vector,
                    tokenCodes: $0.tokenCodes
                )
            }
        }
        _ = try await translating { () async throws(VectorStoreError) in
            try await collection.replaceEmbeddings(embeddings)
        }
    }
}
