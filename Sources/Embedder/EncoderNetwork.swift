import Kernels

/// What computes in a model, without its tokenizer: an encoder, and what makes results of its states.
protocol EncoderNetwork: Sendable {
    /// The encoder.
    var encoder: any TransformerEncoder { get }

    /// The results of a batch whose last states are `hidden`, one a text, in order.
    func results(
        of batch: PackedBatch,
        _ hidden: RowBuffer<Float>,
        output: TokenVectorOutput
    ) throws(EmbedderError) -> [EncodedText]
}
