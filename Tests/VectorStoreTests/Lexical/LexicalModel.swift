import Foundation
import VectorStore

/// Chunks and their words as plain dictionaries, searched by the definition of BM25.
struct LexicalModel {
    var rows: [ChunkKey: [String: UInt32]] = [:]

    private func length(_ words: [String: UInt32]) -> Double {
        Double(words.values.reduce(0, +))
    }

    /// Every row that has a word, with its score.
    func scores(
        _ query: [String],
        selected: (ChunkKey) -> Bool = { _ in true }
    ) -> [ChunkKey: Double] {
        let mean = rows.values.map(length).reduce(0, +) / Double(max(1, rows.count))
        var scores: [ChunkKey: Double] = [:]
        for word in query {
            let holders = rows.filter { $0.value[word] != nil }
            let n = Double(holders.count)
            let weight = max(1e-6, log((Double(rows.count) - n + 0.5) / (n + 0.5)))
            for (key, words) in holders where selected(key) {
                let f = Double(words[word] ?? 0)
                let k = 1.2 * (1 - 0.75 + 0.75 * length(words) / mean)
                scores[key, default: 0] += weight * f * 2.2 / (f + k)
            }
        }
        return scores
    }

    /// Says how hits are not the `count` best of `scores`; `nil` when they are.
    static func difference(
        _ hits: [ChunkHit],
        from scores: [ChunkKey: Double],
        count: Int
    ) -> String? {
        let best = scores.sorted { $0.value > $1.value }.prefix(count)
        guard hits.count == best.count else { return "\(hits.count) hits, not \(best.count)" }
        var seen: Set<ChunkKey> = []
        for (hit, (key, score)) in zip(hits, best) {
            guard seen.insert(hit.key).inserted else { return "chunk \(hit.key) twice" }
            // Rows of equal scores may stand in either order.
            guard let own = scores[hit.key], abs(own - Double(hit.score)) < 1e-5 * max(1, own),
                abs(own - score) < 1e-5 * max(1, own)
            else {
                return "chunk \(hit.key) with \(hit.score) where \(key) has \(score), "
                    + "its own \(scores[hit.key] ?? -1)"
            }
        }
        for (first, second) in zip(hits, hits.dropFirst()) {
            guard
                first.score > second.score || first.score == second.score && first.key < second.key
            else { return "chunk \(first.key) before \(second.key)" }
        }
        return nil
    }
}
