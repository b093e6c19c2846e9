import CKernels
import TestSupport
import Testing

@Suite("Product kernels")
struct ProductKernelTests {
    /// Row counts around a step, columns around a panel, depths around a slice.
    static let shapes: [(rows: Int, inner: Int, columns: Int)] = [
        (0, 4, 4), (1, 1, 1), (5, 7, 31), (6, 8, 32), (7, 9, 33), (11, 511, 17), (12, 512, 64),
        (20, 1_025, 70),
    ]

    @Test("every instruction set adds rows · W to what is there", arguments: shapes)
    func product(rows: Int, inner: Int, columns: Int) throws {
        var random = SeededRandom(seed: UInt64(rows + inner + columns))
        let draw = { (count: Int) in (0..<count).map { _ in random.normal() } }
        let (left, right, before) = (
            draw(rows * inner), draw(inner * columns), draw(rows * columns)
        )
        let expected = (0..<rows * columns).map { place in
            let (row, column) = place.quotientAndRemainder(dividingBy: columns)
            return (0..<inner).reduce(Double(before[place])) {
                $0 + Double(left[row * inner + $1]) * Double(right[$1 * columns + column])
            }
        }
        for isa in ActivationKernelTests.all {
            let table = try ActivationKernelTests.table(isa)
            let width = table.panel_columns
            var panels = [Float](repeating: 0, count: (columns + width - 1) / width * width * inner)
            for row in 0..<inner {
                for column in 0..<columns {
                    panels[(column / width * inner + row) * width + column % width] =
                        right[row * columns + column]
                }
            }
            // A guard behind the sums: nothing may be written past them.
            var sums = before + [42]
            // SAFETY: the buffers have the sizes that the kernel's contract asks for.
            unsafe table.add_product(left, rows, inner, panels, columns, &sums)
            let worst = zip(sums, expected).map { abs(Double($0) - $1) }.max() ?? 0
            #expect(worst < 1e-3, "instruction set \(isa)")
            #expect(sums.last == 42)
        }
    }
}
