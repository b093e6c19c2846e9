import CKernels

/// Multi-head self-attention over one sequence: softmax(Q·Kᵀ/√D)·V for every head.
///
/// Vaswani et al., arXiv:1706.03762, section 3.2. Scores of a few queries at a time stay in cache,
/// so that memory grows with the length and not with its square.
public enum Attention {
    /// Floats of scratch that a sequence of `length` tokens needs.
    public static func scratchCount(length: Int, headSize: Int) -> Int {
        ragd_attention_scratch_count(length, headSize)
    }

    /// Lets every token of one sequence attend to all of them.
    ///
    /// - Shapes: `T` tokens, `H` heads of size `D`. `projections`: T × (3·H·D), a row being the
    ///   token's queries, keys and values. `context`: T × (H·D).
    /// - Parameters:
    ///   - projections: the queries, keys and values; not scaled.
    ///   - context: receives the result, heads side by side.
    ///   - scratch: at least `scratchCount(length: T, headSize: D)` elements; overwritten.
    ///   - heads: `H`.
    ///   - headSize: `D`.
    /// - Complexity: O(T²·H·D).
    public static func apply(
        projections: Span<Float>,
        context: inout MutableSpan<Float>,
        scratch: inout MutableSpan<Float>,
        heads: Int,
        headSize: Int
    ) {
        precondition(heads > 0 && headSize > 0, "\(heads) heads of size \(headSize)")
        let length = context.count / (heads * headSize)
        precondition(
            context.count == length * heads * headSize && projections.count == 3 * context.count,
            "attention: \(projections.count) projections, \(context.count) contexts"
        )
        precondition(
            scratch.count >= scratchCount(length: length, headSize: headSize),
            "attention: \(scratch.count) elements of scratch for \(length) tokens"
        )
        let kernel = unsafe EncoderKernels.selected.attention
        // SAFETY: the three spans are alive for the call, do not overlap (two are inout) and have
        // the counts that the kernel's contract asks for, checked above.
        unsafe projections.withUnsafeBufferPointer { projections in
            unsafe context.withUnsafeMutableBufferPointer { context in
                unsafe scratch.withUnsafeMutableBufferPointer { scratch in
                    unsafe kernel?(
                        projections.baseAddress,
                        length,
                        heads,
                        headSize,
                        context.baseAddress,
                        scratch.baseAddress
                    )
                }
            }
        }
    }
}
