internal import Foundation

/// Rankings and scores of several searches made into one.
package enum Fusion {
    /// The constant of reciprocal rank fusion: how much the first places are worth beyond the rest.
    ///
    /// 60, as Cormack, Clarke and Büttcher found on TREC, "Reciprocal rank fusion outperforms
    /// Condorcet and individual rank learning methods", SIGIR 2009.
    package static let rankConstant = 60

    /// Reciprocal rank fusion: the sum of weight / (k + rank) over the rankings that hold an element.
    ///
    /// Scaled so that an element which is first in every ranking has 1.
    ///
    /// - Parameters:
    ///   - rankings: each best first, without repeats.
    ///   - weights: what each counts, at least 0 and not all 0; `nil` is the same for all.
    ///   - rankConstant: `k`, at least 1.
    /// - Returns: every element of any ranking with its fused score, best first; equal scores by the
    ///   element, so that the order does not depend on hashing.
    package static func reciprocalRanks<Element: Hashable & Comparable & Sendable>(
        _ rankings: [[Element]],
        weights: [Float]? = nil,
        rankConstant: Int = rankConstant
    ) -> [Scored<Element>] {
        let weights = weights ?? rankings.map { _ in 1 }
        precondition(weights.count == rankings.count, "a weight for each ranking")
        let constant = Float(rankConstant)
        var sums: [Element: Float] = [:]
        for (ranking, weight) in zip(rankings, weights) {
            for (index, element) in ranking.enumerated() {
                sums[element, default: 0] += weight / (constant + Float(index + 1))
            }
        }
        return scaled(sums, by: (constant + 1) / weights.reduce(0, +))
    }

    /// Weighted scores: the weighted mean of each ranking's scores, scaled to 0...1 over that ranking.
    ///
    /// The best of a ranking has 1 and the last 0 there, as has an element that it does not hold; where
    /// all scores of a ranking are equal, all have 1.
    ///
    /// - Parameters:
    ///   - rankings: each best first, without repeats, of finite scores.
    ///   - weights: what each counts, at least 0 and not all 0.
    /// - Returns: as `reciprocalRanks`.
    package static func weightedScores<Element: Hashable & Comparable & Sendable>(
        _ rankings: [[Scored<Element>]],
        weights: [Float]
    ) -> [Scored<Element>] {
        precondition(weights.count == rankings.count, "a weight for each ranking")
        var sums: [Element: Float] = [:]
        for (ranking, weight) in zip(rankings, weights) {
            let shares = unitScores(ranking.map(\.score))
            for (hit, share) in zip(ranking, shares) {
                sums[hit.element, default: 0] += weight * share
            }
        }
        return scaled(sums, by: 1 / weights.reduce(0, +))
    }

    /// Scores as shares of the way from the least to the largest; all 1 where those are the same.
    package static func unitScores(_ scores: [Float]) -> [Float] {
        guard let least = scores.min(), let largest = scores.max(), largest > least else {
            return scores.map { _ in 1 }
        }
        return scores.map { ($0 - least) / (largest - least) }
    }

    private static func scaled<Element: Hashable & Comparable & Sendable>(
        _ sums: [Element: Float],
        by scale: Float
    ) -> [Scored<Element>] {
        sums.map { Scored(element: $0.key, score: $0.value * (scale.isFinite ? scale : 0)) }
            .sorted(by: Scored.isBetter)
    }

    /// Standard scores: by how many standard deviations each value is above the mean.
    ///
    /// A missing value counts as the least of those that are there, since a search which did not
    /// find an element ranks it behind all that it found. Values that are all equal say nothing, and
    /// become 0.
    ///
    /// - Parameter values: one a candidate; finite where they are not `nil`.
    /// - Returns: one a candidate, of mean 0.
    package static func standardScores(_ values: [Float?]) -> [Float] {
        guard let least = values.lazy.compactMap(\.self).min() else {
            return Array(repeating: 0, count: values.count)
        }
        let filled = values.map { $0 ?? least }
        let count = Float(filled.count)
        let mean = filled.reduce(0, +) / count
        let variance = filled.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        let deviation = variance.squareRoot()
        // Below this the differences are rounding errors of the values' own sum.
        guard deviation > abs(mean) * 1e-6, deviation > 0 else {
            return Array(repeating: 0, count: values.count)
        }
        return filled.map { ($0 - mean) / deviation }
    }

    /// A number without bounds mapped into 0...1, 0 to 0.5, order kept.
    package static func logistic(_ value: Float) -> Float {
        1 / (1 + exp(-value))
    }
}

/// An element with its score; larger is better.
package struct Scored<Element: Hashable & Comparable & Sendable>: Hashable, Sendable {
    package var element: Element
    package var score: Float

    package init(element: Element, score: Float) {
        self.element = element
        self.score = score
    }

    /// Higher score first; among equals the smaller element.
    package static func isBetter(_ first: Scored, _ second: Scored) -> Bool {
        first.score != second.score
            ? first.score > second.score : first.element < second.element
    }
}
