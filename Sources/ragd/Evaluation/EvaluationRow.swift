import Foundation
import RagHTTP

/// What one method reached on one test collection.
struct EvaluationRow: Encodable, CustomStringConvertible {
    let method: String
    let nDCGAt10: Double
    let recallAt100: Double
    let meanReciprocalRank: Double
    let latencyMsP50: Double
    let latencyMsP95: Double

    private enum CodingKeys: String, CodingKey {
        case method
        case nDCGAt10 = "ndcg_at_10"
        case recallAt100 = "recall_at_100"
        case meanReciprocalRank = "mrr"
        case latencyMsP50 = "latency_ms_p50"
        case latencyMsP95 = "latency_ms_p95"
    }

    /// The names of the columns of `description`.
    static let heading = "method           nDCG@10  recall@100     MRR   p50 ms   p95 ms"

    var description: String {
        method.padding(toLength: 15, withPad: " ", startingAt: 0)
            + String(
                format: "%9.4f%12.4f%8.4f%9.1f%9.1f",
                nDCGAt10,
                recallAt100,
                meanReciprocalRank,
                latencyMsP50,
                latencyMsP95
            )
    }

    /// Asks every query, one at a time.
    static func measure(
        _ method: EvaluationMethod,
        queries: [BEIRDataset.Query],
        client: RagClient,
        collection: String
    ) async throws -> EvaluationRow {
        let clock = ContinuousClock()
        var qualities: [RankingQuality] = []
        var latenciesMs: [Double] = []
        for query in queries {
            let start = clock.now
            let reply = try await client.search(method.request(query.text), in: collection)
            latenciesMs.append((clock.now - start) / .milliseconds(1))
            let ranking = reply.hits.map(\.documentID)
            qualities.append(RankingQuality(ranking: ranking, judgements: query.judgements))
        }
        let mean = RankingQuality.mean(qualities)
        latenciesMs.sort()
        return EvaluationRow(
            method: method.name,
            nDCGAt10: mean.nDCGAt10,
            recallAt100: mean.recallAt100,
            meanReciprocalRank: mean.reciprocalRank,
            latencyMsP50: latenciesMs[latenciesMs.count / 2],
            latencyMsP95: latenciesMs[latenciesMs.count * 95 / 100]
        )
    }
}
