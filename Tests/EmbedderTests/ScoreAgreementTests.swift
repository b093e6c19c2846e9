import Embedder
import Kernels
import Testing

@Suite("Agreement of rerank scores")
struct ScoreAgreementTests {
    @Test("equal scores agree, reversed ones do not, and ties share their places")
    func extremes() {
        let scores: [[Float]] = [[0.9, 0.5, 0.1], [0.2, 0.3, 0.4]]
        let equal = ScoreAgreement(of: scores, with: scores)
        #expect(equal.rankCorrelation == 1 && equal.orderAgreement == 1)
        #expect(equal.maxDifference == 0)
        let reversed = ScoreAgreement(of: scores.map { $0.reversed() }, with: scores)
        #expect(reversed.rankCorrelation == -1 && reversed.orderAgreement == 0)
        #expect(abs(reversed.maxDifference - 0.8) < 1e-6)
        let flat = ScoreAgreement(of: [[0.5, 0.5, 0.5]], with: [[0.9, 0.5, 0.1]])
        #expect(flat.rankCorrelation == 0 && flat.orderAgreement == 0)
        let both = ScoreAgreement(of: [[0.5, 0.5]], with: [[0.1, 0.1]])
        #expect(both.rankCorrelation == 1 && both.orderAgreement == 1)
    }

    @Test("one exchange among four passages is what Spearman's formula says")
    func exchange() {
        // Two differences of one: 1 - 6 · 2 / (4 · 15).
        let agreement = ScoreAgreement(of: [[4, 3, 1, 2]], with: [[4, 3, 2, 1]])
        #expect(abs(agreement.rankCorrelation - 0.8) < 1e-6)
        #expect(abs(agreement.orderAgreement - 5 / 6) < 1e-6)
    }

    @Test(
        "the questions are scored by models of each kind, and bf16 stays near f32",
        arguments: ["rerankers/bert", "rerankers/qwen3-tied"]
    )
    func questions(name: String) throws {
        let directory = try EmbeddingFixtures.path(name)
        let model = try RerankModel.load(directory: directory, name: name)
        let reference = try RerankProbe.scores(of: model)
        #expect(reference.map(\.count) == RerankProbe.questions.map(\.passages.count))
        let halved = try RerankModel.load(directory: directory, name: name, precision: .bf16)
        let agreement = ScoreAgreement(of: try RerankProbe.scores(of: halved), with: reference)
        #expect(agreement.rankCorrelation > 0.5 && agreement.maxDifference < 0.02)
        #expect(model.summary.layerCount > 0 && model.summary.tokenizerStages.count == 4)
    }
}
