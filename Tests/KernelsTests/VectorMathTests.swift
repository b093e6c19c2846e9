import Kernels
import TestSupport
import Testing

@Suite("Vector math")
struct VectorMathTests {
    @Test("agrees with sums in double precision", arguments: [1, 3, 64, 384, 1_023])
    func agreesWithDouble(count: Int) {
        var random = SeededRandom(seed: UInt64(count))
        let a = (0..<count).map { _ in random.normal() }
        let b = (0..<count).map { _ in random.normal() }
        let dot = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        let differences = zip(a, b).map { Double($0) - Double($1) }
        let squared = differences.reduce(0) { $0 + $1 * $1 }
        #expect(abs(Double(VectorMath.dot(a, b)) - dot) < 1e-5 * Double(count))
        #expect(abs(Double(VectorMath.squaredDistance(a, b)) - squared) < 1e-5 * Double(count))
        let rows = VectorMath.dots(a.span, rows: (b + a).span)
        #expect(abs(Double(rows[0]) - dot) < 1e-5 * Double(count))
        #expect(abs(rows[1] - VectorMath.dot(a, a)) < 1e-5 * Float(count))
    }

    @Test("empty vectors have dot product and distance zero")
    func emptyVectors() {
        #expect(VectorMath.dot([], []) == 0)
        #expect(VectorMath.squaredDistance([], []) == 0)
    }

    @Test("normalising makes the length one")
    func normalizing() {
        var random = SeededRandom(seed: 5)
        var vector = (0..<384).map { _ in 100 * random.normal() }
        VectorMath.normalize(&vector)
        #expect(abs(VectorMath.norm(vector) - 1) < 1e-6)
    }

    @Test("a vector without a direction is left as it is", arguments: [0, Float.infinity, 3e38])
    func normalizingNothing(component: Float) {
        var vector = [component, component]
        VectorMath.normalize(&vector)
        #expect(vector == [component, component])
    }

    @Test("finds NaN and infinities at any place", arguments: [Float.nan, .infinity, -.infinity])
    func findsNonFinite(value: Float) {
        for place in 0..<37 {
            var vector = [Float](repeating: .greatestFiniteMagnitude, count: 37)
            #expect(VectorMath.isFinite(vector))
            vector[place] = value
            #expect(!VectorMath.isFinite(vector))
        }
    }
}
