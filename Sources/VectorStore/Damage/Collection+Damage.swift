extension Collection {
    /// How many damaged places are known of and not repaired, by part; nothing for a whole part.
    ///
    /// Costs no read.
    public var damage: [StoredPart: Int] { damaged.counts }

    /// Chunks whose vector or token codes are damaged, to be embedded again.
    public var chunksToEmbed: [ChunkKey] { damaged.chunks }

    /// Gives chunks new embeddings in place of damaged ones, in one transaction.
    ///
    /// A chunk that is gone, or whose text is another than the one that was embedded, is passed over:
    /// then there is nothing to repair any more.
    ///
    /// - Parameter embeddings: vectors and token codes by chunk, as for `ChunkWrite`.
    /// - Returns: how many were written.
    /// - Throws: `dimensionMismatch`, `notFinite` or `invalidArgument` for an embedding that is not
    ///   the collection's; `closed`, `io`, `corrupted`, `notFound` when dropped.
    public func replaceEmbeddings(
        _ embeddings: [ChunkEmbedding]
    ) async throws(VectorStoreError) -> Int {
        var prepared: [PreparedEmbedding] = []
        for embedding in embeddings {
            prepared.append(try PreparedEmbedding(embedding, configuration: configuration))
        }
        let count = try await write { [prepared] transaction in
            let count = try prepared.count { try transaction.replace($0) }
            try transaction.recount()
            return count
        }
        for embedding in embeddings {
            damaged.settle(.vector, at: .chunk(embedding.key))
            damaged.settle(.tokenCodes, at: .chunk(embedding.key))
        }
        return count
    }
}

/// A new embedding of a stored chunk.
public struct ChunkEmbedding: Sendable {
    /// The chunk.
    public var key: ChunkKey
    /// The hash of what was embedded, as `ChunkWrite.textHash`.
    public var textHash: [UInt8]
    /// The vector: `dimension` finite components.
    public var vector: [Float]
    /// Sign codes of its tokens, one row a token; empty when the collection keeps none.
    public var tokenCodes: [UInt8]

    /// Makes an embedding.
    public init(key: ChunkKey, textHash: [UInt8], vector: [Float], tokenCodes: [UInt8]) {
        self.key = key
        self.textHash = textHash
        self.vector = vector
        self.tokenCodes = tokenCodes
    }
}
