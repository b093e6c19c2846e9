import Foundation

/// How good one ranking is, by judgements of relevance.
///
/// The definitions are those of trec_eval, which `pytrec_eval` and BEIR report: nDCG with the
/// judgement itself as the gain and a discount of log2(rank + 1), recall over all relevant
/// documents, and the reciprocal rank of the first relevant one.
public struct RankingQuality: Sendable, Hashable {
    /// Normalised discounted cumulative gain of the first 10.
    public var nDCGAt10: Double
    /// The share of relevant documents that is among the first 100.
    public var recallAt100: Double
    /// One over the rank of the first relevant document, 0 when none was found.
    public var reciprocalRank: Double

    /// Judges a ranking.
    ///
    /// - Parameters:
    ///   - ranking: document ids, best first, each once.
    ///   - judgements: gains by document id; what is missing or not positive is not relevant.
    public init(ranking: [String], judgements: [String: Int]) {
        let gains = ranking.map { max(0, judgements[$0] ?? 0) }
        let ideal = judgements.values.filter { $0 > 0 }.sorted(by: >)
        let idealGain = Self.discountedGain(ideal.prefix(10))
        nDCGAt10 = idealGain > 0 ? Self.discountedGain(gains.prefix(10)) / idealGain : 0
        let found = gains.prefix(100).count { $0 > 0 }
        recallAt100 = ideal.isEmpty ? 0 : Double(found) / Double(ideal.count)
        reciprocalRank = gains.firstIndex { $0 > 0 }.map { 1 / Double($0 + 1) } ?? 0
    }

    private init(nDCGAt10: Double, recallAt100: Double, reciprocalRank: Double) {
        self.nDCGAt10 = nDCGAt10
        self.recallAt100 = recallAt100
        self.reciprocalRank = reciprocalRank
    }

    /// The mean of several rankings' qualities, zero for none.
    public static func mean(_ qualities: [RankingQuality]) -> RankingQuality {
        let count = Double(max(qualities.count, 1))
        return RankingQuality(
            nDCGAt10: qualities.reduce(0) { $0 + $1.nDCGAt10 } / count,
            recallAt100: qualities.reduce(0) { $0 + $1.recallAt100 } / count,
            reciprocalRank: qualities.reduce(0) { $0 + $1.reciprocalRank } / count
        )
    }

    private static func discountedGain(_ gains: ArraySlice<Int>) -> Double {
        gains.enumerated().reduce(0) { sum, entry in
            sum + Double(entry.element) / log2(Double(entry.offset + 2))
        }
    }
}
