import RagCore
import TestSupport
import Testing

@Suite("Fusion of rankings")
struct FusionTests {
    @Test("first in every ranking scores 1, and nothing scores more", arguments: 1...4)
    func firstEverywhereIsOne(rankings: Int) {
        let fused = Fusion.reciprocalRanks(Array(repeating: [7, 8, 9], count: rankings))
        #expect(fused.map(\.element) == [7, 8, 9])
        #expect(abs(fused[0].score - 1) < 1e-6)
    }

    @Test("an element of both rankings goes before one that is as high in one only")
    func bothBeatOne() {
        let fused = Fusion.reciprocalRanks([[1, 2, 3], [4, 2, 5]])
        #expect(fused.first?.element == 2)
    }

    @Test("scores are the sums of reciprocal ranks, scaled")
    func scoresAreSums() {
        let fused = Fusion.reciprocalRanks([[1, 2], [2]])
        let expected: [Float] = [(1 / 62 + 1 / 61) * 61 / 2, 1 / 61 * 61 / 2]
        #expect(fused.map(\.element) == [2, 1])
        #expect(zip(fused, expected).allSatisfy { abs($0.score - $1) < 1e-6 })
    }

    @Test("elements of equal score are in their own order")
    func tiesByElement() {
        #expect(Fusion.reciprocalRanks([[9], [3], [5]]).map(\.element) == [3, 5, 9])
    }

    @Test("a weight counts its ranking, and a small constant its first places")
    func weightedRanks() {
        let rankings = [[1, 2, 3], [3, 2, 1]]
        let dense = Fusion.reciprocalRanks(rankings, weights: [2, 1])
        #expect(dense.map(\.element) == [1, 2, 3])
        #expect(Fusion.reciprocalRanks(rankings, weights: [0, 1]).map(\.element) == [3, 2, 1])
        #expect(abs(Fusion.reciprocalRanks([[5], [5]], weights: [3, 1])[0].score - 1) < 1e-6)
        // With k = 1 a first and a last place are worth more than two second ones.
        #expect(Fusion.reciprocalRanks(rankings, rankConstant: 1).last?.element == 2)
        #expect(abs(Fusion.reciprocalRanks([[5]], rankConstant: 1)[0].score - 1) < 1e-6)
    }

    @Test("weighted scores are scaled to each ranking, and missing ones are its least")
    func weightedScores() {
        let dense = [(1, 0.9), (2, 0.7), (3, 0.5)].map { Scored(element: $0, score: Float($1)) }
        let words = [(3, 30), (2, 10)].map { Scored(element: $0, score: Float($1)) }
        let fused = Fusion.weightedScores([dense, words], weights: [3, 1])
        let expected: [(Int, Float)] = [(1, 0.75), (2, 0.375), (3, 0.25)]
        #expect(fused.map(\.element) == expected.map(\.0))
        #expect(zip(fused, expected).allSatisfy { abs($0.score - $1.1) < 1e-6 })
        #expect(Fusion.weightedScores([dense, words], weights: [0, 1]).first?.element == 3)
    }

    @Test("scores that are all equal are all best", arguments: [[], [2], [3, 3, 3]] as [[Float]])
    func equalScores(scores: [Float]) {
        #expect(Fusion.unitScores(scores) == scores.map { _ in 1 })
    }

    @Test("nothing fused is nothing")
    func nothing() {
        #expect(Fusion.reciprocalRanks([[Int]]()).isEmpty)
        #expect(Fusion.reciprocalRanks([[Int](), []]).isEmpty)
        #expect(Fusion.weightedScores([[Scored<Int>](), []], weights: [1, 1]).isEmpty)
    }

    @Test("standard scores have mean 0 and deviation 1", arguments: 0..<20)
    func standardScoresAreStandard(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let values = (0..<100).map { _ in Float?(5 + 3 * random.normal()) }
        let scores = Fusion.standardScores(values)
        let mean = scores.reduce(0, +) / 100
        let variance = scores.reduce(0) { $0 + $1 * $1 } / 100
        #expect(abs(mean) < 1e-4)
        #expect(abs(variance - 1) < 1e-3)
    }

    @Test("a missing value counts as the least")
    func missingIsLeast() {
        let scores = Fusion.standardScores([3, nil, 1, 2])
        #expect(scores[1] == scores[2])
        #expect(scores[0] == scores.max())
    }

    @Test("values that say nothing become 0", arguments: [[], [nil, nil], [2, 2, 2], [0.1]])
    func constantsAreZero(values: [Float?]) {
        #expect(Fusion.standardScores(values) == values.map { _ in 0 })
    }

    @Test("the logistic keeps the order and stays in 0...1")
    func logistic() {
        let values = stride(from: Float(-90), through: 90, by: 7.5).map(Fusion.logistic)
        #expect(values.allSatisfy { (0...1).contains($0) })
        #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(Fusion.logistic(0) == 0.5)
    }
}
