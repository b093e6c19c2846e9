internal import Embedder
internal import VectorStore

/// Turns prepared documents into writes: every chunk gets its vector and its token codes.
///
/// A text is named by its hash. One that the collection holds already, in whatever document, is not
/// embedded again; neither is one that stands twice in the group. A remote model gives no token codes:
/// in a collection that was made with a model of this process its chunks have none.
struct ChunkEmbedder {
    private let engine: Engine
    private let model: TextEmbedder
    private let collection: Collection

    init(_ engine: Engine, _ model: TextEmbedder, _ collection: Collection) {
        self.engine = engine
        self.model = model
        self.collection = collection
    }

    /// Embeds the documents of a group.
    ///
    /// - Returns: one write a document, in order.
    /// - Throws: what the store threw on looking for known vectors, or the scheduler on embedding.
    func embed(_ documents: [PreparedDocument]) async throws(RagError) -> [DocumentWrite] {
        var missing: [[UInt8]: TokenizedText] = [:]
        for chunk in documents.lazy.flatMap({ $0.chunks ?? [] }) {
            missing[chunk.textHash] = chunk.embedded
        }
        let collection = collection
        let hashes = Array(missing.keys)
        var known = try translating { () throws(VectorStoreError) in
            try collection.embeddings(textHashes: hashes)
        }
        .mapValues { Embedding(vector: $0.vector, tokenCodes: $0.tokenCodes) }
        for hash in known.keys { missing[hash] = nil }
        reusedChunks.add(known.count)
        known.merge(try await embed(missing)) { first, _ in first }
        return documents.map { $0.write(with: known) }
    }

    /// Embeds texts in slices that fit the queue: a document may be longer than all that may wait.
    private func embed(
        _ texts: [[UInt8]: TokenizedText]
    ) async throws(RagError) -> [[UInt8]: Embedding] {
        let configuration = collection.configuration
        var embeddings: [[UInt8]: Embedding] = [:]
        var slice: [(hash: [UInt8], text: TokenizedText)] = []
        var sliceTokenCount = 0
        for (hash, text) in texts {
            slice.append((hash, text))
            sliceTokenCount += text.count
            let isLast = embeddings.count + slice.count == texts.count
            guard isLast || sliceTokenCount >= engine.limits.ingestGroupTokensMax else { continue }
            let encoded = try await model.encode(
                slice.map(\.text),
                output: configuration.lateInteraction == .none ? .none : .signCodes,
                priority: .ingest,
                on: engine.scheduler
            )
            for (text, encoded) in zip(slice, encoded) {
                embeddings[text.hash] = Embedding(
                    vector: try shortened(encoded.vector, to: configuration.dimension),
                    tokenCodes: encoded.tokenCodes
                )
            }
            slice = []
            sliceTokenCount = 0
        }
        return embeddings
    }

    private var reusedChunks: Counter {
        engine.metrics.counter(
            "ragd_reused_embeddings_total",
            help: "Texts that were not embedded because their vectors were stored already."
        )
    }
}

/// What is stored of a text besides the text.
private struct Embedding {
    let vector: [Float]
    let tokenCodes: [UInt8]
}

extension PreparedDocument {
    /// The write, with embeddings by text hash.
    fileprivate func write(with embeddings: [[UInt8]: Embedding]) -> DocumentWrite {
        DocumentWrite(
            id: id,
            title: input.title,
            source: input.source,
            metadata: input.metadata,
            text: input.text,
            contentHash: contentHash,
            tokenCount: tokenCount,
            chunks: chunks?.map { chunk in
                guard let embedding = embeddings[chunk.textHash] else {
                    preconditionFailure("chunk \(chunk.range) has no vector")
                }
                return ChunkWrite(
                    range: chunk.range,
                    tokenCount: chunk.tokenCount,
                    textHash: chunk.textHash,
                    vector: embedding.vector,
                    tokenCodes: embedding.tokenCodes
                )
            }
        )
    }
}

/// A vector's first components at unit length (Matryoshka); as it is when it has no more.
func shortened(_ vector: [Float], to dimensions: Int) throws(RagError) -> [Float] {
    guard dimensions < vector.count else { return vector }
    do {
        return try EmbeddingModel.truncated(vector, to: dimensions)
    } catch {
        throw RagError(error)
    }
}
