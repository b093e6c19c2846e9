internal import CKernels

extension EncoderKernels {
    /// 32-bit words of scratch that attention in a sequence of `length` tokens needs.
    public static func attentionScratchCount(length: Int, headSize: Int) -> Int {
        ragd_attention_scratch_count(length, headSize)
    }

    /// Lets tokens of one sequence attend to all of it: softmax(Q·Kᵀ/√D)·V for every head.
    ///
    /// Vaswani et al., arXiv:1706.03762, section 3.2. Scores of a few queries at a time stay in
    /// cache, so that memory grows with the length and not with its square.
    ///
    /// - Parameters:
    ///   - projections: made by `makeProjections`; a row holds a token's queries, keys and values,
    ///     each head after head, not scaled.
    ///   - sequence: the rows of the whole sequence.
    ///   - queries: those of them that attend.
    ///   - headSize: `D`; even, where the attention is not in f32.
    ///   - context: receives the results, heads side by side.
    ///   - target: its row for the first of `queries`.
    ///   - scratch: of one column, with room for `attentionScratchCount`; overwritten.
    /// - Complexity: O(queries · tokens · width).
    public func attend(
        _ projections: RowBuffer<UInt32>,
        sequence: Range<Int>,
        queries: Range<Int>,
        headSize: Int,
        into context: RowBuffer<Float>,
        at target: Int,
        scratch: RowBuffer<UInt32>
    ) {
        let width = context.columns
        precondition(
            headSize > 0 && width.isMultiple(of: headSize)
                && headSize.isMultiple(of: ragd_word_elements(table.attention_precision))
                && projections.columns == ragd_word_count(table.attention_precision, 3 * width),
            "attention: heads of \(headSize), width \(width), rows of \(projections.columns) words"
        )
        precondition(
            queries.lowerBound >= sequence.lowerBound && queries.upperBound <= sequence.upperBound,
            "attention: queries \(queries) of a sequence \(sequence)"
        )
        let need = Self.attentionScratchCount(length: sequence.count, headSize: headSize)
        // SAFETY: the slices hold the rows and the scratch that the kernel's contract asks for, as
        // checked here and by slice(of:); they belong to different objects.
        unsafe table.attention(
            projections.slice(of: sequence).baseAddress,
            sequence.count,
            queries.lowerBound - sequence.lowerBound,
            queries.count,
            width / headSize,
            headSize,
            context.slice(of: target..<target + queries.count).baseAddress,
            scratch.slice(of: 0..<need).baseAddress
        )
    }
}
