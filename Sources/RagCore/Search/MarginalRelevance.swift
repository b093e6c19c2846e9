internal import Kernels

/// Chooses hits that are relevant and unlike each other.
///
/// Carbonell & Goldstein, "The Use of MMR, Diversity-Based Reranking for Reordering Documents and Producing
/// Summaries", SIGIR 1998: the next hit is the one with the largest
/// λ · relevance − (1 − λ) · similarity to the most similar hit before it.
package enum MarginalRelevance {
    /// The order in which candidates are chosen, with the value by which each was.
    ///
    /// Relevance is scaled to 0...1 over the candidates, so that it weighs the same beside similarities
    /// whatever ranked them. Similarities are cosines; a candidate without a vector is like no other.
    ///
    /// - Parameters:
    ///   - relevances: a finite score for each candidate, larger is better.
    ///   - vectors: a vector for each candidate, of one length; `nil` where there is none.
    ///   - lambda: `λ`, 0...1.
    ///   - count: how many are chosen, at most all.
    /// - Returns: places of candidates in the order in which they were chosen, and their values.
    /// - Complexity: O(candidates · count) products of vectors.
    package static func choose(
        relevances: [Float],
        vectors: [[Float]?],
        lambda: Float,
        count: Int
    ) -> [(index: Int, value: Float)] {
        precondition(relevances.count == vectors.count, "a vector for each candidate")
        let shares = Fusion.unitScores(relevances)
        let units = vectors.map { $0.map(unit) }
        var waiting = Array(relevances.indices)
        // Likeness to the most similar hit so far; before the first there is none.
        var likeness = [Float](repeating: 0, count: relevances.count)
        var isFirst = true
        var chosen: [(index: Int, value: Float)] = []
        while chosen.count < count, !waiting.isEmpty {
            var best = 0
            var bestValue = -Float.infinity
            for (place, index) in waiting.enumerated() {
                let value = lambda * shares[index] - (1 - lambda) * likeness[index]
                // Among equals the one that ranks first.
                if value > bestValue { (best, bestValue) = (place, value) }
            }
            let next = waiting.remove(at: best)
            chosen.append((next, bestValue))
            for index in waiting {
                let similarity = cosine(units[next], units[index])
                likeness[index] = isFirst ? similarity : max(likeness[index], similarity)
            }
            isFirst = false
        }
        return chosen
    }

    private static func cosine(_ first: [Float]?, _ second: [Float]?) -> Float {
        guard let first, let second else { return 0 }
        return VectorMath.dot(first, second)
    }

    private static func unit(_ vector: [Float]) -> [Float] {
        var vector = vector
        VectorMath.normalize(&vector)
        return vector
    }
}
