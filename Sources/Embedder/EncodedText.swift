/// What to return of a text's token states, which the pooled vector leaves unused.
public enum TokenVectorOutput: Sendable, Hashable {
    /// Nothing.
    case none
    /// Their signs, 1 bit a component: `Kernels.SignCodes`.
    case signCodes
    /// All of them, each scaled to unit length.
    case floats
}

/// What a model makes of one text.
public struct EncodedText: Sendable, Equatable {
    /// The text's vector, pooled and normalised as the model's files say.
    public var vector: [Float]
    /// One code a token, special tokens included, when `.signCodes` was asked for; else empty.
    public var tokenCodes: [UInt8]
    /// One row of unit length a token, special tokens included, when `.floats` was asked for; else
    /// empty.
    public var tokenVectors: [Float]

    /// Creates a result from its parts.
    public init(vector: [Float], tokenCodes: [UInt8] = [], tokenVectors: [Float] = []) {
        self.vector = vector
        self.tokenCodes = tokenCodes
        self.tokenVectors = tokenVectors
    }
}
