package import Embedder

/// What a `BatchScheduler` runs: something that turns batches of token ids into vectors.
///
/// The seam between scheduling and models. `EmbeddingModel` and `RerankModel` ship; tests schedule
/// encoders that fail or stall on demand.
package protocol TextEncoder: AnyObject, Sendable {
    /// Makes what one inference thread needs to run batches.
    func makeSession() -> any TextEncoderSession

    /// Makes a batch that several threads compute together: each calls `work(on:)` with a session of
    /// its own.
    ///
    /// - Parameters:
    ///   - batch: the texts.
    ///   - output: what is kept of their tokens.
    ///   - parts: how many threads may come.
    /// - Returns: the batch, of which nothing is computed yet.
    /// - Throws: what `encode` throws of a text that cannot be encoded.
    func makeSharedBatch(
        _ batch: [Encoding],
        output: TokenVectorOutput,
        parts: Int
    ) throws(EmbedderError) -> any SharedTextBatch
}

/// One thread's use of a `TextEncoder`, with its scratch memory: used by that thread alone, and not
/// re-entrant.
package protocol TextEncoderSession {
    /// Encodes a batch on this thread alone.
    ///
    /// - Parameters:
    ///   - batch: the texts.
    ///   - output: what is kept of their tokens.
    ///   - pause: called between steps of at most about a millisecond; it may run other batches on
    ///     this thread, in another session.
    /// - Returns: one result a text, in order.
    /// - Throws: `EmbedderError` when a text cannot be encoded; no other text of the batch is then.
    func encode(
        _ batch: [Encoding],
        output: TokenVectorOutput,
        pause: () -> Void
    ) throws(EmbedderError) -> [EncodedText]

    /// Takes part in a shared batch until it has been computed; never waits for a thread that has
    /// not come.
    func work(on batch: any SharedTextBatch)
}

/// A batch that several threads compute; one that comes late, or not at all, costs nothing.
package protocol SharedTextBatch: AnyObject, Sendable {
    /// One result a text, in order; to be called once, by the thread that made the batch, after its
    /// `work(on:)` returned.
    func results() throws(EmbedderError) -> [EncodedText]
}

extension EmbeddingModel: TextEncoder {
    package func makeSession() -> any TextEncoderSession {
        ModelSession(workspace: makeWorkspace()) {
            (batch, output, workspace, pause) throws(EmbedderError) in
            try self.encode(batch, output: output, workspace: workspace, pause: pause)
        }
    }

    package func makeSharedBatch(
        _ batch: [Encoding],
        output: TokenVectorOutput,
        parts: Int
    ) throws(EmbedderError) -> any SharedTextBatch {
        try share(batch, output: output, partCount: parts)
    }
}

/// A text's vector is its score.
extension RerankModel: TextEncoder {
    package func makeSession() -> any TextEncoderSession {
        ModelSession(workspace: makeWorkspace()) {
            (batch, _, workspace, pause) throws(EmbedderError) in
            try self.encode(batch, workspace: workspace, pause: pause)
        }
    }

    package func makeSharedBatch(
        _ batch: [Encoding],
        output: TokenVectorOutput,
        parts: Int
    ) throws(EmbedderError) -> any SharedTextBatch {
        try share(batch, partCount: parts)
    }
}

/// A model with the workspace of one thread.
private struct ModelSession: TextEncoderSession {
    typealias Encode = (
        [Encoding], TokenVectorOutput, EncoderWorkspace, () -> Void
    ) throws(EmbedderError) -> [EncodedText]

    let workspace: EncoderWorkspace
    let encode: Encode

    func encode(
        _ batch: [Encoding],
        output: TokenVectorOutput,
        pause: () -> Void
    ) throws(EmbedderError) -> [EncodedText] {
        try encode(batch, output, workspace, pause)
    }

    func work(on batch: any SharedTextBatch) {
        guard let batch = batch as? SharedEncoding else {
            preconditionFailure("a batch of another encoder")
        }
        batch.work(in: workspace)
    }
}

extension SharedEncoding: SharedTextBatch {}
