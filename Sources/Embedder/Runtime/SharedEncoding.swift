/// A batch of texts that several threads encode together; see `SharedBatch`.
package final class SharedEncoding: Sendable {
    private let network: any EncoderNetwork
    private let batch: SharedBatch
    private let output: TokenVectorOutput

    init(network: any EncoderNetwork, batch: SharedBatch, output: TokenVectorOutput) {
        self.network = network
        self.batch = batch
        self.output = output
    }

    /// Takes part until the whole batch has been computed.
    ///
    /// - Parameter workspace: of this model and this thread alone.
    package func work(in workspace: EncoderWorkspace) { batch.work(with: workspace.scratch) }

    /// One result a text, in order; after a call of `work(in:)` has returned.
    ///
    /// - Throws: `EmbedderError` with code `invalidModel` when a result is not finite.
    package func results() throws(EmbedderError) -> [EncodedText] {
        try network.results(of: batch.batch, batch.states.hidden, output: output)
    }
}
