import Embedder
import TestSupport
import Testing

@Suite("Matrix products")
struct MatrixMultiplyTests {
    @Test(
        "OpenBLAS adds the product to what is there",
        arguments: [(1, 1, 1), (1, 384, 1_152), (7, 5, 3), (33, 64, 17), (200, 48, 31)]
    )
    func product(rows: Int, inner: Int, columns: Int) throws {
        try MatrixMultiply.prepare()
        var random = SeededRandom(seed: UInt64(rows * inner * columns))
        let draw = { (count: Int) in (0..<count).map { _ in random.normal() } }
        let (left, right, before) = (
            draw(rows * inner), draw(inner * columns), draw(rows * columns)
        )
        var after = before
        var span = after.mutableSpan
        MatrixMultiply.add(left.span, times: right.span, to: &span, inner: inner, columns: columns)
        for row in 0..<rows {
            for column in 0..<columns {
                let expected = (0..<inner).reduce(Double(before[row * columns + column])) {
                    $0 + Double(left[row * inner + $1]) * Double(right[$1 * columns + column])
                }
                #expect(abs(Double(after[row * columns + column]) - expected) < 1e-3)
            }
        }
    }
}
