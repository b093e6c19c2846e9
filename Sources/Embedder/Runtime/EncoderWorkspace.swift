import Kernels

/// The memory that one thread needs to run an encoder.
///
/// It grows to the largest batch that it has seen, at most to the limits below, and from then on a
/// batch allocates nothing but its results. Thread safety: none, and not `Sendable`; make one on
/// each inference thread by `EmbeddingModel.makeWorkspace()`.
public final class EncoderWorkspace {
    /// Rows that go through the model together.
    ///
    /// Past some thousand the cost of reading the weights
    /// no longer shows, and memory grows: at 384 elements a row, 6 MB here.
    static let batchRowsMax = 4_096
    /// Rows of whole texts that go through one layer's attention together: their queries, keys and
    /// values (at 384 elements, 1.2 MB) stay in the second-level cache from product to softmax.
    static let attentionRowsMax = 256
    /// Rows that go through the feed-forward block together, for the same reason.
    static let feedForwardRowsMax = 128

    /// The token states of a whole batch.
    var hidden: Matrix
    /// The queries, keys and values of a group of texts.
    var projections: Matrix
    /// What attention makes of them.
    var context: Matrix
    /// The feed-forward block between its two products.
    var intermediate: Matrix
    /// Attention's scratch, a matrix of one column.
    var scratch: Matrix

    private let headSize: Int

    /// Makes an empty workspace for an encoder of these sizes.
    init(for configuration: ModelConfiguration) {
        headSize = configuration.headSize
        hidden = Matrix(columns: configuration.hiddenSize)
        projections = Matrix(columns: 3 * configuration.hiddenSize)
        context = Matrix(columns: configuration.hiddenSize)
        intermediate = Matrix(columns: configuration.intermediateSize)
        scratch = Matrix(columns: 1)
    }

    /// Bytes that it holds now.
    public var byteCount: Int {
        hidden.byteCount + projections.byteCount + context.byteCount + intermediate.byteCount
            + scratch.byteCount
    }

    /// Makes room for a batch.
    func reserve(for batch: PackedBatch) {
        let longest = batch.encodings.reduce(0) { max($0, $1.count) }
        let group = min(batch.rowCount, max(longest, Self.attentionRowsMax))
        hidden.reserve(rows: batch.rowCount)
        projections.reserve(rows: group)
        context.reserve(rows: group)
        intermediate.reserve(rows: min(group, Self.feedForwardRowsMax))
        scratch.reserve(rows: Attention.scratchCount(length: longest, headSize: headSize))
    }
}
