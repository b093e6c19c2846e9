internal import Foundation

/// Rankings and scores of several searches made into one.
package enum Fusion {
    /// The constant of reciprocal rank fusion: how much the first places are worth beyond the rest.
    ///
    /// 60, as Cormack, Clarke and Büttcher found on TREC, "Reciprocal rank fusion outperforms
    /// Condorcet and individual rank learning methods", SIGIR 2009.
    package static let rankConstant: Float = 60

    /// Reciprocal rank fusion: the sum of 1 / (k + rank) over the rankings that hold an element.
    ///
    /// Scaled so that an element which is first in every ranking has 1.
    ///
    /// - Parameter rankings: each best first, without repeats.
    /// - Returns: every element of any ranking with its fused score, best first; equal scores by the
    ///   element, so that the order does not depend on hashing.
    package static func reciprocalRanks<Element: Hashable & Comparable & Sendable>(
        _ rankings: [[Element]]
    ) -> [Scored<Element>] {
        var sums: [Element: Float] = [:]
        for ranking in rankings {
            for (index, element) in ranking.enumerated() {
                sums[element, default: 0] += 1 / (rankConstant + Float(index + 1))
            }
        }
        let scale = (rankConstant + 1) / Float(max(1, rankings.count))
        return sums.map { Scored(element: $0.key, score: $0.value * scale) }
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

    /// Higher score first; among equals the smaller element.
    package static func isBetter(_ first: Scored, _ second: Scored) -> Bool {
        first.score != second.score
            ? first.score > second.score : first.element < second.element
    }
}
