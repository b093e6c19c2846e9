package import Embedder

/// What a `BatchScheduler` runs: something that turns batches of token ids into vectors.
///
/// The seam between scheduling and models. `EmbeddingModel` is the one that ships; tests schedule
/// encoders that fail or stall on demand.
package protocol TextEncoder: AnyObject, Sendable {
    /// What one inference thread needs to run batches; used by that thread alone.
    func makeSession() -> any TextEncoderSession
}

/// One thread's use of a `TextEncoder`, with its scratch memory.
package protocol TextEncoderSession {
    /// Encodes a batch: one result a text, in order.
    func encode(
        _ batch: [Encoding],
        output: TokenVectorOutput
    ) throws(EmbedderError) -> [EncodedText]
}

extension EmbeddingModel: TextEncoder {
    package func makeSession() -> any TextEncoderSession {
        EmbeddingModelSession(model: self, workspace: makeWorkspace())
    }
}

/// A model with the workspace of one thread.
private struct EmbeddingModelSession: TextEncoderSession {
    let model: EmbeddingModel
    let workspace: EncoderWorkspace

    func encode(
        _ batch: [Encoding],
        output: TokenVectorOutput
    ) throws(EmbedderError) -> [EncodedText] {
        try model.encode(batch, output: output, workspace: workspace)
    }
}
