import RagCore
import TestSupport
import Testing

@Suite("Diverse hits")
struct MarginalRelevanceTests {
    private func random(_ count: Int, seed: UInt64) -> (relevances: [Float], vectors: [[Float]?]) {
        var random = SeededRandom(seed: seed)
        let relevances = (0..<count).map { _ in Float.random(in: -3...3, using: &random) }
        let vectors = (0..<count).map { index -> [Float]? in
            index % 7 == 6 ? nil : random.unitVector(dimension: 8).map { $0 * 2 }
        }
        return (relevances.sorted(by: >), vectors)
    }

    @Test("the values are those of the definition", arguments: 0..<20)
    func definition(seed: UInt64) {
        let (relevances, vectors) = random(30, seed: seed)
        let lambda = Float(seed) / 20
        let chosen = MarginalRelevance.choose(
            relevances: relevances,
            vectors: vectors,
            lambda: lambda,
            count: 12
        )
        #expect(Set(chosen.map(\.index)).count == 12)
        let (least, largest) = (relevances.min() ?? 0, relevances.max() ?? 1)
        func value(_ index: Int, after before: [Int]) -> Float {
            let likeness = before.map { cosine(vectors[$0], vectors[index]) }.max() ?? 0
            let share = (relevances[index] - least) / (largest - least)
            return lambda * share - (1 - lambda) * likeness
        }
        for (place, hit) in chosen.enumerated() {
            let before = chosen.prefix(place).map(\.index)
            #expect(abs(hit.value - value(hit.index, after: before)) < 1e-5)
            let best =
                relevances.indices.filter { !before.contains($0) }
                .map { value($0, after: before) }.max() ?? 0
            #expect(hit.value >= best - 1e-5)
        }
    }

    @Test("relevance alone keeps the ranking")
    func relevanceAlone() {
        let (relevances, vectors) = random(30, seed: 50)
        let chosen = MarginalRelevance.choose(
            relevances: relevances,
            vectors: vectors,
            lambda: 1,
            count: 30
        )
        #expect(chosen.map(\.index) == Array(0..<30))
    }

    @Test("of hits that say the same, one goes before the others")
    func duplicates() {
        let chosen = MarginalRelevance.choose(
            relevances: [1, 0.99, 0.98, 0.6],
            vectors: [[1, 0], [2, 0], [1, 0.01], [0, 1]],
            lambda: 0.5,
            count: 4
        )
        #expect(chosen.prefix(2).map(\.index) == [0, 3])
    }

    @Test("fewer candidates than hits are all chosen, and none of none")
    func few() {
        let two = MarginalRelevance.choose(
            relevances: [1, 1],
            vectors: [nil, [1]],
            lambda: 0,
            count: 5
        )
        #expect(two.map(\.index) == [0, 1])
        let none = MarginalRelevance.choose(relevances: [], vectors: [], lambda: 0.5, count: 5)
        #expect(none.isEmpty)
    }

    private func cosine(_ first: [Float]?, _ second: [Float]?) -> Float {
        guard let first, let second else { return 0 }
        func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        return dot(first, second) / (dot(first, first) * dot(second, second)).squareRoot()
    }
}
