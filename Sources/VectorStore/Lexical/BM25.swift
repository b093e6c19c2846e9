internal import Foundation

/// Okapi BM25 for one collection at one moment.
///
/// Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, equations 3.15
/// and 3.3: the inverse document frequency is ln((N − n + ½) / (n + ½)), and next to nothing for words
/// that more than half of the rows have.
struct BM25: Sendable {
    /// How soon further occurrences of a word add nothing (`k1`).
    static let saturation = 1.2
    /// How much long rows are marked down (`b`).
    static let lengthShare = 0.75

    /// What a word counts that says nothing: enough to find rows that have no other, not to reorder them.
    private static let inverseFrequencyMin = 1e-6

    private let rowCount: Double
    private let base: Double
    private let slope: Double

    /// - Parameters:
    ///   - rowCount: rows of the collection.
    ///   - averageLength: their mean length in words.
    init(rowCount: Int, averageLength: Double) {
        self.rowCount = Double(rowCount)
        base = Self.saturation * (1 - Self.lengthShare)
        slope = averageLength > 0 ? Self.saturation * Self.lengthShare / averageLength : 0
    }

    /// What a word that `frequency` rows have is worth at most.
    func weight(frequency: Int) -> Double {
        let frequency = Double(frequency)
        // A count that is too high can only come of a damaged checkpoint; the rows are found all the same.
        let odds = max(0, rowCount - frequency + 0.5) / (frequency + 0.5)
        return max(Self.inverseFrequencyMin, log(odds)) * (Self.saturation + 1)
    }

    /// The share of its weight that a word has which occurs `count` times in a row of `length` words.
    @inline(__always)
    func share(count: UInt32, length: UInt32) -> Double {
        let count = Double(count)
        return count / (count + base + slope * Double(length))
    }
}
