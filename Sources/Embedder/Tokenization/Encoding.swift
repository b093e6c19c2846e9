/// A text as the model reads it: token ids, with the place in the text that each came from.
///
/// The arrays have one element a token and are of equal length.
public struct Encoding: Sendable, Equatable {
    /// The row of the embedding table for each token.
    public var ids: [Int32]
    /// Which of the two texts each token belongs to, as the model's post-processor says.
    public var typeIDs: [Int32]
    /// UTF-8 byte range in the original text (of a pair: in its own text), empty for special tokens.
    public var offsets: [Range<Int>]
    /// How many tokens of the text truncation left out.
    public var omittedTokenCount: Int
    /// Leading tokens that other texts begin with, too.
    ///
    /// No more than advice: a decoder may compute them once for all, which changes no result.
    public var sharedCount: Int

    /// The number of tokens.
    public var count: Int { ids.count }
    /// The number of tokens that no other text has.
    public var ownCount: Int { ids.count - sharedCount }

    /// Creates an encoding from its parts, which must be of equal length.
    public init(
        ids: [Int32],
        typeIDs: [Int32],
        offsets: [Range<Int>],
        omittedTokenCount: Int = 0,
        sharedCount: Int = 0
    ) {
        precondition(
            ids.count == typeIDs.count && ids.count == offsets.count,
            "encoding of \(ids.count) ids, \(typeIDs.count) types and \(offsets.count) offsets"
        )
        precondition(
            sharedCount >= 0 && sharedCount <= ids.count,
            "\(sharedCount) shared tokens of \(ids.count)"
        )
        self.ids = ids
        self.typeIDs = typeIDs
        self.offsets = offsets
        self.omittedTokenCount = omittedTokenCount
        self.sharedCount = sharedCount
    }

    /// The tokens that no other text has, on their own.
    var own: Encoding {
        Encoding(
            ids: Array(ids[sharedCount...]),
            typeIDs: Array(typeIDs[sharedCount...]),
            offsets: Array(offsets[sharedCount...]),
            omittedTokenCount: omittedTokenCount
        )
    }
}
