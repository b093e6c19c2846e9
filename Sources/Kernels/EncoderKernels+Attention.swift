internal import CKernels

extension EncoderKernels {
    /// Makes room for the queries, keys and values of tokens.
    public func makeProjections(_ shape: AttentionShape) -> RowBuffer<UInt32> {
        RowBuffer(columns: wordCount(shape.projectedWidth), zero: 0)
    }

    /// The columns of projections that hold a token's keys and values.
    public func keyValueColumns(_ shape: AttentionShape) -> Range<Int> {
        wordCount(shape.width)..<wordCount(shape.projectedWidth)
    }

    /// 32-bit words of scratch that attention in a sequence of `length` tokens needs.
    public static func attentionScratchCount(length: Int, headSize: Int) -> Int {
        ragd_attention_scratch_count(length, headSize)
    }

    /// Lets tokens of one sequence attend: softmax(Q·Kᵀ/√D)·V for every head.
    ///
    /// Vaswani et al., arXiv:1706.03762, section 3.2. Scores of a few queries at a time stay in
    /// cache, so that memory grows with the length and not with its square.
    ///
    /// - Parameters:
    ///   - projections: made by `makeProjections`; a row holds a token's queries, keys and values,
    ///     each head after head, not scaled.
    ///   - shape: the heads; their size fills whole words of `attentionPrecision`.
    ///   - sequence: the rows of the whole sequence.
    ///   - queries: those of them that attend.
    ///   - context: receives the results, heads side by side.
    ///   - target: its row for the first of `queries`.
    ///   - scratch: of one column, with room for `attentionScratchCount`; overwritten.
    /// - Complexity: O(queries · tokens · width).
    public func attend(
        _ projections: RowBuffer<UInt32>,
        _ shape: AttentionShape,
        sequence: Range<Int>,
        queries: Range<Int>,
        into context: RowBuffer<Float>,
        at target: Int,
        scratch: RowBuffer<UInt32>
    ) {
        precondition(
            shape.headSize.isMultiple(of: ragd_word_elements(table.attention_precision))
                && projections.columns == wordCount(shape.projectedWidth)
                && context.columns == shape.width,
            "attention: \(shape), rows of \(projections.columns) words to \(context.columns)"
        )
        precondition(
            queries.lowerBound >= sequence.lowerBound && queries.upperBound <= sequence.upperBound,
            "attention: queries \(queries) of a sequence \(sequence)"
        )
        let need = Self.attentionScratchCount(length: sequence.count, headSize: shape.headSize)
        // SAFETY: the slices hold the rows and the scratch that the kernel's contract asks for, as
        // checked here and by slice(of:); keys and values start behind the queries in each row. The
        // buffers are different objects.
        guard let first = unsafe projections.slice(of: sequence).baseAddress else { return }
        var heads = unsafe ragd_attention(
            queries: first,
            keys: first + wordCount(shape.width),
            values: first + wordCount(shape.width + shape.keyHeads * shape.headSize),
            stride: projections.columns,
            length: sequence.count,
            heads: shape.heads,
            key_heads: shape.keyHeads,
            head_size: shape.headSize,
            is_causal: shape.isCausal ? 1 : 0
        )
        unsafe table.attention(
            &heads,
            queries.lowerBound - sequence.lowerBound,
            queries.count,
            context.slice(of: target..<target + queries.count).baseAddress,
            scratch.slice(of: 0..<need).baseAddress
        )
    }

    /// Normalises and rotates the queries and keys of a decoder's layer, and encodes them and the
    /// values.
    ///
    /// Rotary positions: Su et al., arXiv:2104.09864, with the pairs half a head apart.
    ///
    /// - Parameters:
    ///   - buffer: rows of queries, keys and values; overwritten.
    ///   - rows: which of them, of consecutive tokens of one text.
    ///   - shape: the heads, of even size.
    ///   - norms: the scales of queries and of keys, an element of a head each, and epsilon.
    ///   - angles: `headSize` elements for each position: cosines, then sines.
    ///   - position: of the first of `rows`.
    ///   - projections: made by `makeProjections`.
    ///   - target: its row for the first of `rows`.
    public func rotate(
        _ buffer: RowBuffer<Float>,
        _ rows: Range<Int>,
        _ shape: AttentionShape,
        norms: (query: [Float], key: [Float], epsilon: Float),
        angles: [Float],
        position: Int,
        into projections: RowBuffer<UInt32>,
        at target: Int
    ) {
        let size = shape.headSize
        precondition(
            buffer.columns == shape.projectedWidth && size.isMultiple(of: 2)
                && projections.columns == wordCount(shape.projectedWidth),
            "rotate: \(shape), rows of \(buffer.columns) to \(projections.columns) words"
        )
        precondition(
            norms.query.count == size && norms.key.count == size && position >= 0
                && (position + rows.count) * size <= angles.count,
            "rotate: positions \(position) on, angles for \(angles.count / size)"
        )
        // SAFETY: the slices hold rows.count rows of the columns checked above; `angles` goes on to
        // the last of the positions; all live for the call and none overlaps another.
        unsafe angles.withUnsafeBufferPointer { angles in
            guard let first = angles.baseAddress else { return }
            unsafe table.rotate(
                buffer.slice(of: rows).baseAddress,
                rows.count,
                shape.heads,
                shape.keyHeads,
                size,
                norms.query,
                norms.key,
                norms.epsilon,
                first + position * size,
                projections.slice(of: target..<target + rows.count).baseAddress
            )
        }
    }

    private func wordCount(_ elements: Int) -> Int {
        ragd_word_count(table.attention_precision, elements)
    }
}
