import Foundation
import Kernels

/// An embedding that was checked and coded, so that the commit thread only executes statements.
struct PreparedEmbedding: Sendable {
    var key: ChunkKey
    var textHash: Data
    var vector: [Float]
    var vectorBlob: Data
    var tokenCodesBlob: Data?

    /// Checks `embedding` against the collection and codes its parts.
    init(
        _ embedding: ChunkEmbedding,
        configuration: CollectionConfiguration
    ) throws(VectorStoreError) {
        key = embedding.key
        textHash = Data(embedding.textHash)
        vector = embedding.vector
        try Self.check(embedding.vector, embedding.tokenCodes, configuration)
        vectorBlob = Data(StoredBlob.encode(vector: embedding.vector))
        // Sign bits are close to random: compressing them costs time and gains nothing.
        tokenCodesBlob =
            embedding.tokenCodes.isEmpty
            ? nil : Data(StoredBlob.encode(embedding.tokenCodes, compress: false))
    }

    /// Checks a vector and token codes against what the collection keeps.
    static func check(
        _ vector: [Float],
        _ tokenCodes: [UInt8],
        _ configuration: CollectionConfiguration
    ) throws(VectorStoreError) {
        try configuration.check(vector: vector)
        let codeByteCount = SignCodes.byteCount(dimension: configuration.dimension)
        guard tokenCodes.count.isMultiple(of: codeByteCount),
            tokenCodes.isEmpty || configuration.lateInteraction == .signCodes,
            tokenCodes.count <= Collection.tokenCodeByteCountMax
        else {
            throw VectorStoreError(
                .invalidArgument,
                "\(tokenCodes.count) bytes of token codes for a collection with "
                    + "\(configuration.lateInteraction == .none ? 0 : codeByteCount) bytes a token"
            )
        }
    }
}
