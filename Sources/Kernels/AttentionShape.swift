internal import CKernels

/// The heads of an attention, and who sees whom.
public struct AttentionShape: Sendable, Hashable {
    /// Query heads.
    public let heads: Int
    /// Key and value heads, which divide `heads`: each serves a group of query heads (Ainslie et
    /// al., arXiv:2305.13245).
    public let keyHeads: Int
    /// Elements of a head.
    public let headSize: Int
    /// Whether a token attends to itself and the tokens before it only.
    public let isCausal: Bool

    /// Describes an attention.
    public init(heads: Int, keyHeads: Int, headSize: Int, isCausal: Bool) {
        precondition(
            headSize > 0 && keyHeads > 0 && heads.isMultiple(of: keyHeads) && heads > 0,
            "\(heads) heads of \(headSize) on \(keyHeads)"
        )
        self.heads = heads
        self.keyHeads = keyHeads
        self.headSize = headSize
        self.isCausal = isCausal
    }

    /// Elements of a token's context: those of its queries.
    public var width: Int { heads * headSize }

    /// Elements of a token's queries, keys and values.
    public var projectedWidth: Int { (heads + 2 * keyHeads) * headSize }
}
