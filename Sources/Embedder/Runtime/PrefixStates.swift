import Kernels

/// The keys and values, in each layer of a causal model, of tokens that texts go on from.
///
/// A token of a causal model sees none that comes after it, so that these are the same whatever
/// follows.
///
/// Thread safety: whoever makes one fills it before anybody else has it; from then on it is read only.
// Guard: filled by its only owner, as described above; RowBuffer is not Sendable by itself.
final class PrefixStates: @unchecked Sendable {
    /// The tokens.
    let count: Int

    private let layers: [RowBuffer<UInt32>]
    /// The columns of a row of projections that are kept.
    private let columns: Range<Int>

    /// Bytes in memory.
    var byteCount: Int { layers.reduce(0) { $0 + $1.byteCount } }

    /// Makes room for the states of `count` tokens.
    init(count: Int, layerCount: Int, columns: Range<Int>) {
        self.count = count
        self.columns = columns
        layers = (0..<layerCount).map { _ in
            let rows = RowBuffer<UInt32>(columns: columns.count, zero: 0)
            rows.reserve(rows: count)
            return rows
        }
    }

    /// Keeps what a layer needs of the first rows of its projections.
    func store(_ projections: RowBuffer<UInt32>, layer: Int) {
        layers[layer].copy(0..<count, columns: columns, of: projections, to: 0)
    }

    /// Copies the keys and values of a layer to the first rows of projections.
    func copy(layer: Int, to projections: RowBuffer<UInt32>) {
        projections.copy(0..<count, of: layers[layer], to: 0, column: columns.lowerBound)
    }
}

extension TransformerEncoder {
    /// Computes the keys and values of tokens that texts go on from; the encoder is causal.
    ///
    /// - Parameters:
    ///   - tokens: at least one, as many as the model has positions at most.
    ///   - workspace: made by `makeWorkspace()`; overwritten.
    ///   - pause: as in `forward`.
    /// - Returns: the states, which nobody else has yet.
    /// - Complexity: as `forward`, but for the rest of the last layer.
    func prefixStates(
        of tokens: Encoding,
        workspace: EncoderWorkspace,
        pause: () -> Void
    ) -> PrefixStates {
        precondition(shape.attention.isCausal, "what follows changes what comes before")
        let batch = PackedBatch([tokens])
        let rows = 0..<batch.rowCount
        let (states, scratch) = (workspace.states, workspace.scratch)
        let prefix = PrefixStates(
            count: tokens.count,
            layerCount: layerCount,
            columns: kernels.keyValueColumns(shape.attention)
        )
        workspace.reserve(for: batch)
        workspace.profile.measure(.embeddings) { embed(rows, of: batch, states) }
        for layer in 0..<layerCount {
            project(layer: layer, rows, of: batch, states, origin: 0, scratch: scratch)
            prefix.store(states.projections, layer: layer)
            pause()
            guard layer < layerCount - 1 else { break }
            finish(
                layer: layer,
                rows,
                of: batch,
                states,
                origin: 0,
                scratch: scratch,
                pause: pause
            )
        }
        return prefix
    }
}
