import Kernels

/// A transformer: token ids in, one state a token out, in steps that `EncoderRun` puts in order.
///
/// Each step takes some rows of a batch, and writes no others. `project` of a layer needs the same
/// rows of the step before; `finish` needs the projections of all tokens of its rows' texts.
protocol TransformerEncoder: Sendable {
    /// The sizes.
    var shape: EncoderShape { get }
    /// The passes, in the precision of the products.
    var kernels: EncoderKernels { get }
    /// Layers.
    var layerCount: Int { get }
    /// Number of parameters.
    var parameterCount: Int { get }
    /// Bytes of the weights in memory.
    var byteCount: Int { get }

    /// Sets the states of rows to the embeddings of their tokens.
    func embed(_ rows: Range<Int>, of batch: PackedBatch, _ states: BatchStates)

    /// Computes the queries, keys and values of rows.
    ///
    /// - Parameters:
    ///   - layer: which one.
    ///   - rows: of the batch, not empty.
    ///   - batch: the texts.
    ///   - states: whose projections are set.
    ///   - origin: the row of the batch that row 0 of the projections stands for.
    ///   - scratch: this thread's, with room for `rows`.
    func project(
        layer: Int,
        _ rows: Range<Int>,
        of batch: PackedBatch,
        _ states: BatchStates,
        origin: Int,
        scratch: LayerScratch
    )

    /// Takes rows from their projections to the layer's result, in tiles; `pause` is called between.
    func finish(
        layer: Int,
        _ rows: Range<Int>,
        of batch: PackedBatch,
        _ states: BatchStates,
        origin: Int,
        scratch: LayerScratch,
        pause: () -> Void
    )

    /// Turns the last layer's states into the model's.
    func complete(_ rows: Range<Int>, _ states: BatchStates)
}

extension TransformerEncoder {
    /// Makes the memory that one thread needs to run a batch alone.
    func makeWorkspace() -> EncoderWorkspace { EncoderWorkspace(for: shape, kernels: kernels) }

    /// Makes the memory of a batch that several threads compute.
    func makeStates() -> BatchStates { BatchStates(shape, kernels: kernels) }

    /// Computes the last hidden states of a batch into the workspace, rows 0..<T.
    ///
    /// - Parameters:
    ///   - batch: texts whose ids, types and lengths the model has.
    ///   - workspace: made by `makeWorkspace()`; overwritten.
    ///   - layerCount: how many layers to run; all, and `complete`, when nil. Tests look at the states
    ///     in between.
    ///   - pause: called between steps of some dozen rows of one layer.
    /// - Complexity: O(T·(H² + H·F) + ΣN²·H) a layer of H elements a state and F between the
    ///   products of its feed-forward block, for texts of N tokens.
    func forward(
        _ batch: PackedBatch,
        workspace: EncoderWorkspace,
        layerCount: Int? = nil,
        pause: () -> Void
    ) {
        workspace.reserve(for: batch)
        let states = workspace.states
        let profile = workspace.profile
        profile.measure(.embeddings) { embed(0..<batch.rowCount, of: batch, states) }
        // Layer by layer over the whole batch, so that a layer's weights are read once a batch; in
        // groups within the layer, so that what it computes stays in the second-level cache.
        let groups = batch.groups(rowsMax: EncoderWorkspace.groupRowsMax)
        for layer in 0..<(layerCount ?? self.layerCount) {
            for group in groups {
                let rows = batch.rows(of: group)
                let origin = rows.lowerBound
                let scratch = workspace.scratch
                project(layer: layer, rows, of: batch, states, origin: origin, scratch: scratch)
                pause()
                finish(
                    layer: layer,
                    rows,
                    of: batch,
                    states,
                    origin: origin,
                    scratch: scratch,
                    pause: pause
                )
            }
        }
        if layerCount == nil {
            profile.measure(.norms) { complete(0..<batch.rowCount, states) }
        }
    }

    /// The stages of a shared batch: each needs all rows of the one before.
    var stageCount: Int { 1 + 2 * layerCount }

    /// Takes some rows of a shared batch through one stage.
    ///
    /// - Parameters:
    ///   - stage: 0 ..< `stageCount`: the embeddings, then each layer's projections and its rest.
    ///   - rows: of the batch; other threads may do others.
    ///   - batch: the texts.
    ///   - states: with room for the whole batch.
    ///   - scratch: this thread's.
    func run(
        stage: Int,
        _ rows: Range<Int>,
        of batch: PackedBatch,
        _ states: BatchStates,
        scratch: LayerScratch
    ) {
        guard stage > 0 else { return embed(rows, of: batch, states) }
        scratch.reserve(rows: rows.count, length: batch.longest)
        let layer = (stage - 1) / 2
        guard stage.isMultiple(of: 2) else {
            return project(layer: layer, rows, of: batch, states, origin: 0, scratch: scratch)
        }
        finish(
            layer: layer,
            rows,
            of: batch,
            states,
            origin: 0,
            scratch: scratch,
            pause: {}
        )
        if stage == stageCount - 1 { complete(rows, states) }
    }

    /// Attention of `rows`, each text's to itself and to what it goes on from, into the scratch's
    /// context.
    func attend(
        layer: Int,
        _ rows: Range<Int>,
        of batch: PackedBatch,
        _ states: BatchStates,
        origin: Int,
        scratch: LayerScratch,
        pause: () -> Void
    ) {
        let prefixCount = batch.firstPosition
        batch.prefix?.copy(layer: layer, to: scratch.sequence)
        for index in batch.texts(in: rows) {
            let text = batch.rows(of: index)
            let own = text.clamped(to: rows)
            let projected = text.lowerBound - origin..<text.upperBound - origin
            // Where the text's projections are, with those of what it goes on from before them.
            var (projections, start) = (states.projections, projected.lowerBound)
            if batch.prefix != nil {
                (projections, start) = (scratch.sequence, prefixCount)
                projections.copy(projected, of: states.projections, to: start)
            }
            for first in stride(from: own.lowerBound, to: own.upperBound, by: attentionRowsMax) {
                let queries = first..<min(first + attentionRowsMax, own.upperBound)
                let shift = start - text.lowerBound
                scratch.profile.measure(.attention) {
                    kernels.attend(
                        projections,
                        shape.attention,
                        sequence: start - prefixCount..<start + text.count,
                        queries: queries.lowerBound + shift..<queries.upperBound + shift,
                        into: scratch.context,
                        at: queries.lowerBound - rows.lowerBound,
                        scratch: scratch.attention
                    )
                }
                pause()
            }
        }
    }

    /// Queries of one text that attend in one step: enough to make up for laying out its keys and
    /// values again for the next ones.
    private var attentionRowsMax: Int { 512 }
}
