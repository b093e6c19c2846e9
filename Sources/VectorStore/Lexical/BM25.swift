internal import Foundation

/// Okapi BM25 for one collection at one moment.
///
/// Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, equation 3.15,
/// with the inverse document frequency ln(1 + (N − n + ½) / (n + ½)), which is positive for words that
/// most rows have, too.
struct BM25: Sendable {
    /// How soon further occurrences of a word add nothing (`k1`).
    static let saturation = 1.2
    /// How much long rows are marked down (`b`).
    static let lengthShare = 0.75

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
        let inverse = 1 + max(0, rowCount - frequency + 0.5) / (frequency + 0.5)
        return log(inverse) * (Self.saturation + 1)
    }

    /// The share of its weight that a word has which occurs `count` times in a row of `length` words.
    @inline(__always)
    func share(count: UInt32, length: UInt32) -> Double {
        let count = Double(count)
        return count / (count + base + slope * Double(length))
    }
}
