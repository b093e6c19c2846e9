import Kernels

/// The states of a batch on its way through an encoder: a row a token.
///
/// Thread safety: that of `RowBuffer`; see `SharedBatch` for the one place that shares it.
final class BatchStates {
    /// The states.
    let hidden: RowBuffer<Float>
    /// The same, encoded for the next layer's products.
    let input: OperandRows
    /// Queries, keys and values: of the whole batch, or of a group of texts at a time.
    let projections: RowBuffer<UInt32>

    init(_ shape: EncoderShape, kernels: EncoderKernels) {
        hidden = RowBuffer(columns: shape.hiddenSize, zero: 0)
        input = OperandRows(columns: shape.hiddenSize, kernels: kernels)
        projections = kernels.makeProjections(shape.attention)
    }

    var byteCount: Int { hidden.byteCount + input.byteCount + projections.byteCount }

    func reserve(rows: Int, projectedRows: Int) {
        hidden.reserve(rows: rows)
        input.reserve(rows: rows)
        projections.reserve(rows: projectedRows)
    }
}

/// What one thread computes between two states of some rows.
final class LayerScratch {
    /// Queries, keys and values before they are rotated; of one element where they are not.
    let heads: RowBuffer<Float>
    /// What attention makes of the projections.
    let context: RowBuffer<Float>
    /// The same, encoded.
    let contextOperand: OperandRows
    /// The feed-forward block between its two products.
    let intermediate: RowBuffer<Float>
    /// The same, encoded.
    let intermediateOperand: OperandRows
    /// Attention's scratch, a buffer of one column.
    let attention: RowBuffer<UInt32>
    /// The projections of one text behind those of what it goes on from.
    let sequence: RowBuffer<UInt32>
    /// Where time is counted, if anywhere.
    var profile: EncoderProfile?

    /// Rows that go through the feed-forward block together: what is between its products, at 384
    /// elements a state 0.4 MB, stays in the second-level cache.
    private static let tileRowsMax = 64

    private let headSize: Int

    init(_ shape: EncoderShape, kernels: EncoderKernels) {
        let (width, inner) = (shape.attention.width, shape.innerSize)
        headSize = shape.attention.headSize
        heads = RowBuffer(columns: shape.isGated ? shape.attention.projectedWidth : 1, zero: 0)
        context = RowBuffer(columns: width, zero: 0)
        contextOperand = OperandRows(columns: width, kernels: kernels)
        intermediate = RowBuffer(columns: shape.isGated ? 2 * inner : inner, zero: 0)
        intermediateOperand = OperandRows(columns: inner, kernels: kernels)
        attention = RowBuffer(columns: 1, zero: 0)
        sequence = kernels.makeProjections(shape.attention)
    }

    /// The tiles of `count` rows.
    func tiles(of count: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: Self.tileRowsMax).map {
            $0..<min($0 + Self.tileRowsMax, count)
        }
    }

    var byteCount: Int {
        heads.byteCount + context.byteCount + contextOperand.byteCount + intermediate.byteCount
            + intermediateOperand.byteCount + attention.byteCount + sequence.byteCount
    }

    /// Makes room for `rows` rows of texts of at most `length` tokens.
    func reserve(rows: Int, length: Int) {
        let tile = min(rows, Self.tileRowsMax)
        heads.reserve(rows: tile)
        context.reserve(rows: rows)
        contextOperand.reserve(rows: tile)
        intermediate.reserve(rows: tile)
        intermediateOperand.reserve(rows: tile)
        attention.reserve(
            rows: EncoderKernels.attentionScratchCount(length: length, headSize: headSize)
        )
    }
}

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
    /// values (at 384 elements, 1.2 MB in f32) stay near from product to softmax.
    static let groupRowsMax = 256

    /// The states of a whole batch, and the projections of a group of its texts.
    let states: BatchStates
    /// What is between two states.
    let scratch: LayerScratch

    /// Makes an empty workspace for an encoder of these sizes.
    init(for shape: EncoderShape, kernels: EncoderKernels) {
        states = BatchStates(shape, kernels: kernels)
        scratch = LayerScratch(shape, kernels: kernels)
    }

    /// Where the time of what runs in this workspace is counted; nowhere by default.
    public var profile: EncoderProfile? {
        get { scratch.profile }
        set { scratch.profile = newValue }
    }

    /// Bytes that it holds now.
    public var byteCount: Int { states.byteCount + scratch.byteCount }

    /// Makes room for a batch.
    func reserve(for batch: PackedBatch) {
        let longest = batch.longest - batch.firstPosition
        let group = min(batch.rowCount, max(longest, Self.groupRowsMax))
        states.reserve(rows: batch.rowCount, projectedRows: group)
        scratch.reserve(rows: group, length: batch.longest)
        if batch.prefix != nil { scratch.sequence.reserve(rows: batch.longest) }
    }
}
