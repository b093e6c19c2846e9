internal import StrictJSON

/// The answer of `/rerank`: `results` as Cohere and Jina have them, or the array alone, as
/// text-embeddings-inference and SGLang do.
package enum RerankAnswer {
    /// Bytes that an answer may have: some servers repeat the passages.
    static func byteCountMax(passages: [String]) -> Int {
        65_536 + passages.reduce(0) { $0 + 1_024 + 6 * $1.utf8.count }
    }

    /// Reads the scores, by `index` and not by place.
    ///
    /// - Returns: `count` finite scores.
    /// - Throws: `malformed`, `wrongCount`, `notFinite`.
    package static func scores(_ bytes: [UInt8], count: Int) throws(RemoteError) -> [Float] {
        let root = try AnswerReading.root(bytes, valueCountMax: 1_000 + 64 * count)
        guard let results = root.elements ?? root.member("results")?.elements else {
            throw AnswerReading.malformed("it has no array 'results'")
        }
        return try AnswerReading.ordered(results, count: count) { item throws(RemoteError) in
            guard let value = item.member("relevance_score") ?? item.member("score") else {
                throw AnswerReading.malformed("a result has no 'relevance_score'")
            }
            let score = try AnswerReading.float(value)
            guard score.isFinite else {
                throw RemoteError(.notFinite, "a score of its server is no finite number")
            }
            return score
        }
    }
}
