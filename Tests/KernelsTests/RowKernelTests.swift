import CKernels
import Foundation
import TestSupport
import Testing

/// The passes over f32 rows: every instruction set that this machine runs, scalar included.
@Suite("Row kernels")
struct RowKernelTests {
    /// Every remainder of the widest register, and two common widths.
    static let widths = Array(1...33) + [384, 1_537]

    @Test("exp is within 3e-7 of libm's, relatively", arguments: EncoderTables.sets)
    func exponential(isa: UInt32) throws {
        let inputs = stride(from: Float(-87.3), through: 88.3, by: 0.003_7).map { $0 }
        var outputs = inputs
        // SAFETY: the array holds `count` elements.
        unsafe try EncoderTables.rows(isa).exp(&outputs, outputs.count)
        let worst = zip(inputs, outputs).map { abs(Double($1) / exp(Double($0)) - 1) }.max() ?? 1
        #expect(worst < 3e-7)
    }

    @Test("exp saturates outside its range and keeps NaN", arguments: EncoderTables.sets)
    func exponentialLimits(isa: UInt32) throws {
        var values: [Float] = [-.infinity, -1_000, 1_000, .infinity, .nan, 0]
        // SAFETY: the array holds `count` elements.
        unsafe try EncoderTables.rows(isa).exp(&values, values.count)
        #expect(values[0] >= 0 && values[0] < 1.3e-38 && values[1] == values[0])
        #expect(values[2] > 2e38 && values[2].isFinite && values[3] == values[2])
        #expect(values[4].isNaN && values[5] == 1)
    }

    @Test("erf is within 3e-7 of libm's", arguments: EncoderTables.sets)
    func errorFunction(isa: UInt32) throws {
        let inputs = stride(from: Float(-6), through: 6, by: 0.000_37).map { $0 }
        var outputs = inputs
        // SAFETY: the array holds `count` elements.
        unsafe try EncoderTables.rows(isa).erf(&outputs, outputs.count)
        let worst = zip(inputs, outputs).map { abs(Double($1) - erf(Double($0))) }.max() ?? 1
        #expect(worst < 3e-7)
        var special: [Float] = [.infinity, -.infinity, .nan]
        // SAFETY: as above.
        unsafe try EncoderTables.rows(isa).erf(&special, special.count)
        #expect(abs(special[0] - 1) < 3e-7 && abs(special[1] + 1) < 3e-7 && special[2].isNaN)
    }

    @Test(
        "rows become unit length, zeros stay zeros, sums add up",
        arguments: EncoderTables.sets
    )
    func rowPasses(isa: UInt32) throws {
        let table = try EncoderTables.rows(isa)
        for width in Self.widths {
            var random = SeededRandom(seed: UInt64(width))
            var rows = (0..<width).map { _ in random.normal() }
            rows += [Float](repeating: 0, count: width)
            var sums = rows
            // SAFETY: two rows of `width` elements.
            unsafe table.add(&sums, rows, rows.count)
            #expect(sums == rows.map { $0 + $0 })
            // SAFETY: as above.
            unsafe table.unit_rows(&rows, 2, width)
            let square = rows[..<width].reduce(0) { $0 + Double($1) * Double($1) }
            #expect(abs(square - 1) < 1e-5)
            #expect(rows[width...].allSatisfy { $0 == 0 })
        }
    }
}
