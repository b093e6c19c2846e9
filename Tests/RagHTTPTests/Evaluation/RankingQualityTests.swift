import Foundation
import RagHTTP
import TestSupport
import Testing

@Suite("Ranking quality")
struct RankingQualityTests {
    @Test("is the number that trec_eval's definitions give")
    func knownValues() {
        let quality = RankingQuality(
            ranking: ["x", "b", "a", "y"],
            judgements: ["a": 3, "b": 1, "c": 2, "d": 0]
        )
        // Gains 0, 1, 3 by rank against the ideal 3, 2, 1.
        let gain = 1 / log2(3.0) + 3 / log2(4.0)
        let ideal = 3 / log2(2.0) + 2 / log2(3.0) + 1 / log2(4.0)
        #expect(abs(quality.nDCGAt10 - gain / ideal) < 1e-12)
        #expect(abs(quality.recallAt100 - 2.0 / 3) < 1e-12)
        #expect(quality.reciprocalRank == 0.5)
    }

    @Test("is 1 for the ideal ranking and 0 for one without a relevant document")
    func extremes() {
        let judgements = Dictionary(uniqueKeysWithValues: (0..<20).map { ("d\($0)", 20 - $0) })
        let ideal = RankingQuality(ranking: (0..<20).map { "d\($0)" }, judgements: judgements)
        #expect(ideal.nDCGAt10 == 1 && ideal.recallAt100 == 1 && ideal.reciprocalRank == 1)
        let useless = RankingQuality(ranking: ["x"], judgements: judgements)
        #expect(useless.nDCGAt10 == 0 && useless.recallAt100 == 0 && useless.reciprocalRank == 0)
    }

    @Test("of a test collection names the file and line that is wrong")
    func datasetErrors() throws {
        let folder = try TemporaryDirectory()
        try Data(#"{"_id":"1","text":"t"}"#.utf8)
            .write(to: folder.url.appendingPathComponent("corpus.jsonl"))
        #expect {
            try BEIRDataset(directory: folder.path)
        } throws: { error in
            "\(error)".contains("qrels/test.tsv")
        }
        try Data("{\"_id\":\"1\",\"text\":\"t\"}\n{\"_id\":2}".utf8)
            .write(to: folder.url.appendingPathComponent("corpus.jsonl"))
        #expect {
            try BEIRDataset(directory: folder.path)
        } throws: { error in
            "\(error)".contains("corpus.jsonl, line 2")
        }
    }
}
