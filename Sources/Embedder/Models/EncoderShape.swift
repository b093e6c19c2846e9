package import Kernels

/// The sizes that decide what memory a transformer's layers need.
package struct EncoderShape: Sendable {
    /// Elements of a token's state.
    package let hiddenSize: Int
    /// Elements between the two products of the feed-forward block.
    package let innerSize: Int
    /// Whether the block's first product gives gates beside what they gate.
    package let isGated: Bool
    /// The heads.
    package let attention: AttentionShape
    /// Token ids that have an embedding.
    package let vocabularyCount: Int
    /// The longest text, in tokens.
    package let positionCount: Int
    /// Token types that have an embedding; ids must be 0 where there is one.
    package let typeCount: Int
}

extension EncoderShape {
    /// Refuses heads that do not fill the words of their precision.
    func checkHeads(_ kernels: EncoderKernels) throws(EmbedderError) {
        guard kernels.attentionPrecision == .f32 || attention.headSize.isMultiple(of: 2) else {
            throw EmbedderError(
                .unsupportedModel,
                "heads of \(attention.headSize) elements in \(kernels.precision.rawValue), which takes "
                    + "them in pairs; use f32"
            )
        }
    }

    /// Refuses what would read outside a table.
    func check(_ encoding: Encoding) throws(EmbedderError) {
        let (count, positions) = (encoding.count, positionCount)
        guard count > 0, encoding.typeIDs.count == count else {
            throw EmbedderError(
                .invalidInput,
                "a text of \(count) tokens and \(encoding.typeIDs.count) token types"
            )
        }
        guard count <= positions else {
            throw EmbedderError(
                .inputTooLong,
                "a text of \(count) tokens; the model has \(positions) positions"
            )
        }
        let (vocabulary, types) = (vocabularyCount, typeCount)
        for id in encoding.ids where id < 0 || Int(id) >= vocabulary {
            throw EmbedderError(
                .invalidInput,
                "token id \(id); the model has ids 0 to \(vocabulary - 1)"
            )
        }
        for type in encoding.typeIDs where type < 0 || Int(type) >= types {
            throw EmbedderError(
                .invalidInput,
                "token type \(type); the model has types 0 to \(types - 1)"
            )
        }
    }
}
