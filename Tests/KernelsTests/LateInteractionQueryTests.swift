import Kernels
import TestSupport
import Testing

@Suite("Late interaction")
struct LateInteractionQueryTests {
    private static func rows(_ count: Int, dimension: Int, seed: UInt64) -> [Float] {
        var random = SeededRandom(seed: seed)
        return (0..<count).flatMap { _ in random.unitVector(dimension: dimension) }
    }

    /// The definition, in double precision: mean over query rows of the best passage row.
    private static func maxSim(_ query: [Float], _ passage: [Float], dimension: Int) -> Double {
        let queries = stride(from: 0, to: query.count, by: dimension)
        let best = queries.map { q in
            stride(from: 0, to: passage.count, by: dimension).map { p in
                (0..<dimension).reduce(0.0) {
                    $0 + Double(query[q + $1]) * Double(passage[p + $1])
                }
            }.max() ?? 0
        }
        return best.reduce(0, +) / Double(best.count)
    }

    @Test(
        "scores against codes as the definition does, up to int8 rounding",
        arguments: [(1, 1, 8), (3, 5, 30), (17, 40, 384), (20, 7, 100), (33, 3, 385)]
    )
    func scoresCodes(queryCount: Int, passageCount: Int, dimension: Int) {
        let query = Self.rows(queryCount, dimension: dimension, seed: 1)
        let passage = Self.rows(passageCount, dimension: dimension, seed: 2)
        let signs = passage.map { ($0 >= 0 ? 1 : -1) / Float(dimension).squareRoot() }
        let score = LateInteractionQuery(tokens: query, dimension: dimension)
            .score(codes: SignCodes.encode(passage, dimension: dimension))
        // A component is off by half a step of 1/127 of the largest one: 1% of a dot product.
        #expect(abs(Double(score) - Self.maxSim(query, signs, dimension: dimension)) < 0.01)
    }

    @Test("scores full-precision tokens as the definition does")
    func scoresTokens() {
        let query = Self.rows(9, dimension: 384, seed: 3)
        let passage = Self.rows(21, dimension: 384, seed: 4)
        let score = LateInteractionQuery(tokens: query, dimension: 384).score(
            passageTokens: passage
        )
        #expect(abs(Double(score) - Self.maxSim(query, passage, dimension: 384)) < 1e-5)
    }

    @Test("a passage that is the query itself scores highest")
    func selfScore() {
        let query = Self.rows(12, dimension: 384, seed: 5)
        let late = LateInteractionQuery(tokens: query, dimension: 384)
        let own = late.score(codes: SignCodes.encode(query, dimension: 384))
        let other = late.score(
            codes: SignCodes.encode(Self.rows(12, dimension: 384, seed: 6), dimension: 384)
        )
        #expect(abs(late.score(passageTokens: query) - 1) < 1e-5)
        #expect(own > 0.7 && own <= 1 && own > other + 0.4)
    }

    @Test("nothing on either side scores zero")
    func nothingScoresZero() {
        let query = LateInteractionQuery(tokens: Self.rows(2, dimension: 8, seed: 7), dimension: 8)
        #expect(query.score(codes: []) == 0)
        #expect(query.score(passageTokens: []) == 0)
        let empty = LateInteractionQuery(tokens: [], dimension: 8)
        #expect(empty.score(codes: [1, 2, 3]) == 0)
    }

    @Test("a zero token adds nothing")
    func zeroToken() {
        let query = LateInteractionQuery(tokens: [Float](repeating: 0, count: 16), dimension: 16)
        #expect(query.score(codes: [0xFF, 0x0F]) == 0)
    }
}
