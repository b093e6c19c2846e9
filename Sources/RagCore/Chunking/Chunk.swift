/// A stretch of a document that is embedded, found and cited as one.
public struct Chunk: Sendable, Equatable {
    /// Where the chunk stands in the document, in UTF-8 bytes, without white space at its ends.
    public var range: Range<Int>
    /// How many tokens of the model it is, special tokens not counted.
    public var tokenCount: Int

    /// Creates a chunk.
    public init(range: Range<Int>, tokenCount: Int) {
        self.range = range
        self.tokenCount = tokenCount
    }
}
