/// How near a reranker's scores in fewer bits are to those of the same model in f32.
public struct ScoreAgreement: Sendable, Hashable {
    /// The mean over the questions of Spearman's rank correlation, -1 to 1: 1 when every question's
    /// passages are in the same order.
    public let rankCorrelation: Float
    /// The share of pairs of a question's passages that are in the same order; pairs that score the same
    /// in f32 are left out.
    public let orderAgreement: Float
    /// The largest difference of a score.
    public let maxDifference: Float

    /// Compares scores of the same passages.
    ///
    /// - Shapes: `scores` and `reference`: at least one question, each of at least two passages.
    /// - Complexity: O(P²) for P passages of a question.
    public init(of scores: [[Float]], with reference: [[Float]]) {
        precondition(scores.map(\.count) == reference.map(\.count) && !scores.isEmpty)
        precondition(scores.allSatisfy { $0.count > 1 }, "a question of one passage has no order")
        var correlation: Float = 0
        var (same, pairs) = (0, 0)
        var largest: Float = 0
        for (one, other) in zip(scores, reference) {
            correlation += Self.correlation(Self.ranks(one), Self.ranks(other))
            for (index, score) in other.enumerated() {
                largest = max(largest, abs(one[index] - score))
                for later in other.indices.dropFirst(index + 1) where other[later] != score {
                    pairs += 1
                    let isAbove = other[later] > score
                    if isAbove ? one[later] > one[index] : one[later] < one[index] { same += 1 }
                }
            }
        }
        rankCorrelation = correlation / Float(scores.count)
        orderAgreement = pairs == 0 ? 1 : Float(same) / Float(pairs)
        maxDifference = largest
    }

    /// The place of each value in order, the mean of their places for equal ones.
    private static func ranks(_ values: [Float]) -> [Float] {
        values.map { value in
            let below = values.count { $0 < value }
            let equal = values.count { $0 == value }
            return Float(below) + Float(equal - 1) / 2
        }
    }

    /// Pearson's correlation; of values that are all the same 1 with their like and 0 with others.
    private static func correlation(_ one: [Float], _ other: [Float]) -> Float {
        // Both are ranks of as many values, so that their means are the same.
        let mean = Float(one.count - 1) / 2
        var (product, squareOne, squareOther): (Float, Float, Float) = (0, 0, 0)
        for (x, y) in zip(one, other) {
            product += (x - mean) * (y - mean)
            squareOne += (x - mean) * (x - mean)
            squareOther += (y - mean) * (y - mean)
        }
        guard squareOne > 0, squareOther > 0 else { return squareOne == squareOther ? 1 : 0 }
        return product / (squareOne * squareOther).squareRoot()
    }
}
