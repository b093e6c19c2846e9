internal import CKernels

/// A query's token vectors, ready to be matched against passages.
///
/// A passage's score is the mean over query tokens of the best similarity to any passage token
/// (MaxSim; Khattab and Zaharia, "ColBERT", arXiv:2004.12832). Against sign codes the similarity is
/// `q · sign(p) / sqrt(d)`: the sign vector scaled to unit length. Query tokens are kept in int8
/// with a scale each, so that the sums are exact integers and equal on every instruction set.
public struct LateInteractionQuery: Sendable {
    /// Components of a token vector.
    public let dimension: Int

    /// How many tokens the query has.
    public let tokenCount: Int

    /// T × `dimension`, row-major, as given.
    private let tokens: [Float]

    /// The same in int8, laid out as `ragd_codes.h` says.
    private let lanes: [Int8]
    private let laneCount: Int

    /// What one unit of a token's int8 components stands for.
    private let scales: [Float]

    /// The sum of a token's int8 components.
    private let sums: [Int32]

    /// Prepares a query.
    ///
    /// - Parameters:
    ///   - tokens: T × `dimension`, row-major; finite, each row of unit length.
    ///   - dimension: components of a token vector, at least 1.
    public init(tokens: [Float], dimension: Int) {
        precondition(
            dimension > 0 && tokens.count.isMultiple(of: dimension),
            "query: \(tokens.count) elements are no whole rows of \(dimension)"
        )
        let tokenCount = tokens.count / dimension
        let group = Int(RAGD_CODE_LANES)
        let laneCount = (tokenCount + group - 1) / group * group
        let paddedDimension = 8 * SignCodes.byteCount(dimension: dimension)
        var lanes = [Int8](repeating: 0, count: paddedDimension * laneCount)
        var scales: [Float] = []
        var sums: [Int32] = []
        for token in 0..<tokenCount {
            let row = tokens[token * dimension..<(token + 1) * dimension]
            let largest = row.reduce(0) { max($0, abs($1)) }
            precondition(largest.isFinite, "query: token \(token) is not finite")
            let scale = largest / 127
            var sum: Int32 = 0
            for (index, component) in row.enumerated() where scale > 0 {
                // |component| <= 127 × scale up to rounding, hence the bound.
                let quantized = min(127, max(-127, (component / scale).rounded()))
                lanes[(index / 4 * laneCount + token) * 4 + index % 4] = Int8(quantized)
                sum += Int32(quantized)
            }
            scales.append(scale)
            sums.append(sum)
        }
        self.dimension = dimension
        self.tokenCount = tokenCount
        self.tokens = tokens
        self.lanes = lanes
        self.laneCount = laneCount
        self.scales = scales
        self.sums = sums
    }

    /// The score of a passage given by its sign codes: in -1...1, larger is better.
    ///
    /// - Shapes: `codes` is n × `SignCodes.byteCount(dimension:)`.
    /// - Returns: 0 when the passage or the query has no tokens.
    /// - Complexity: O(T · n · d), one multiply-add instruction for 64 components where the CPU has
    ///   VNNI.
    public func score(codes: Span<UInt8>) -> Float {
        let byteCount = SignCodes.byteCount(dimension: dimension)
        precondition(
            codes.count.isMultiple(of: byteCount),
            "score: \(codes.count) bytes are no whole codes of \(byteCount)"
        )
        guard tokenCount > 0, !codes.isEmpty else { return 0 }
        let best = bestSums(codes: codes, byteCount: byteCount)
        var total: Float = 0
        for token in 0..<tokenCount {
            // q · sign = 2 × (sum over set bits) - (sum over all bits).
            total += scales[token] * Float(2 * best[token] - sums[token])
        }
        return total / (Float(tokenCount) * Float(dimension).squareRoot())
    }

    /// The score of a passage given by its sign codes in an array.
    public func score(codes: [UInt8]) -> Float {
        score(codes: codes.span)
    }

    /// The score of a passage given by its token vectors in full precision: in -1...1.
    ///
    /// - Shapes: `passageTokens` is n × `dimension`, row-major, rows of unit length.
    /// - Returns: 0 when the passage or the query has no tokens.
    public func score(passageTokens: [Float]) -> Float {
        precondition(
            passageTokens.count.isMultiple(of: dimension),
            "score: \(passageTokens.count) elements are no whole rows of \(dimension)"
        )
        let rowCount = passageTokens.count / dimension
        guard tokenCount > 0, rowCount > 0 else { return 0 }
        var total: Float = 0
        for token in 0..<tokenCount {
            let query = tokens.span.extracting(token * dimension..<(token + 1) * dimension)
            let similarities = VectorMath.dots(query, rows: passageTokens.span)
            total += similarities.reduce(-.infinity, max)
        }
        return total / Float(tokenCount)
    }

    /// For each lane, the greatest sum of its int8 components over the set bits of any code.
    private func bestSums(codes: Span<UInt8>, byteCount: Int) -> [Int32] {
        let codeCount = codes.count / byteCount
        let kernel = unsafe KernelTables.codes.max_sums
        let laneCount = laneCount
        return unsafe [Int32](unsafeUninitializedCapacity: laneCount) { best, initializedCount in
            // SAFETY: `lanes`, `codes`, `scratch` and `best` hold what `ragd_codes.h` asks for and
            // outlive the call, which keeps none; it writes all `laneCount` elements of `best`.
            unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4 * 8 * byteCount) {
                scratch in
                unsafe lanes.withUnsafeBufferPointer { lanes in
                    unsafe codes.withUnsafeBufferPointer { codes in
                        guard let lanes = lanes.baseAddress, let codes = codes.baseAddress,
                            let scratch = scratch.baseAddress, let best = best.baseAddress
                        else { return }
                        unsafe kernel(
                            lanes,
                            laneCount,
                            codes,
                            codeCount,
                            byteCount,
                            scratch,
                            best
                        )
                    }
                }
            }
            initializedCount = laneCount
        }
    }
}
