import Embedder
import Testing

@Suite("Pooling")
struct PoolingTests {
    /// Three tokens of two components.
    private static let states: [Float] = [1, -4, 5, 0, 3, 1]

    @Test(
        "each mode is its definition",
        arguments: [
            (Pooling.mean, [3, -1]), (.firstToken, [1, -4]), (.lastToken, [3, 1]), (.max, [5, 1]),
            (.meanSquareRoot, [9 / Float(3).squareRoot(), -3 / Float(3).squareRoot()]),
        ] as [(Pooling, [Float])]
    )
    func mode(pooling: Pooling, expected: [Float]) {
        let pooled = pooling.apply(to: Self.states.span, columns: 2)
        #expect(EmbeddingFixtures.largestDifference(pooled, expected) < 1e-6)
    }

    @Test(
        "one token is its own pool",
        arguments: [Pooling.mean, .firstToken, .lastToken, .max, .meanSquareRoot]
    )
    func oneToken(pooling: Pooling) {
        #expect(pooling.apply(to: ([7, -2] as [Float]).span, columns: 2) == [7, -2])
    }
}
