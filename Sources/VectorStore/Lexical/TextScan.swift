/// A search through the texts themselves: exact, and slower by the time it takes to read them all.
///
/// Keeps nothing of rows without any of the words.
struct TextScan {
    private let words: [String]
    private let analyzer: TextAnalyzer
    private var rowCount = 0
    private var totalLength = 0
    private var frequencies: [Int]
    /// Rows that have a word: how often they have each, in the order of `words`.
    private var found: [(key: ChunkKey, length: UInt32, counts: [UInt32])] = []

    /// A search for the words of a query.
    init(_ query: String, _ language: TextLanguage, wordCountMax: Int) {
        analyzer = TextAnalyzer(language)
        words = analyzer.queryWords(query, countMax: wordCountMax)
        frequencies = Array(repeating: 0, count: words.count)
    }

    /// Whether the query has words.
    var isNeeded: Bool { !words.isEmpty }

    /// Takes a chunk into account.
    mutating func add(_ key: ChunkKey, title: String?, text: String) {
        let row = analyzer.words(title: title, text: text)
        rowCount += 1
        totalLength += row.length
        let counts = words.map { row.counts[$0] ?? 0 }
        guard counts.contains(where: { $0 > 0 }) else { return }
        for (word, count) in counts.enumerated() where count > 0 { frequencies[word] += 1 }
        found.append((key, UInt32(clamping: row.length), counts))
    }

    /// The best rows, best first; among equals the smaller key.
    func best(count: Int, selection: Selection?) -> [ChunkHit] {
        let bm25 = BM25(
            rowCount: rowCount,
            averageLength: rowCount > 0 ? Double(totalLength) / Double(rowCount) : 0
        )
        let weights = frequencies.map { bm25.weight(frequency: $0) }
        var best = BestHits(count: count)
        for (key, length, counts) in found where selection?.contains(key) ?? true {
            var score = 0.0
            for (weight, count) in zip(weights, counts) {
                score += weight * bm25.share(count: count, length: length)
            }
            best.insert(key, Float(score))
        }
        return best.sorted()
    }
}
