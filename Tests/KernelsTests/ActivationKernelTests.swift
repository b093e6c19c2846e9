import CKernels
import Foundation
import TestSupport
import Testing

/// The C table of encoder passes: every instruction set that this machine runs, scalar included.
@Suite("Activation kernels")
struct ActivationKernelTests {
    static let all = [RAGD_ISA_SCALAR, RAGD_ISA_AVX2, RAGD_ISA_AVX512, RAGD_ISA_NEON]
        .filter { ragd_isa_supported($0) == 1 }
        .map(\.rawValue)
    static let vector = all.filter { $0 != RAGD_ISA_SCALAR.rawValue }

    /// Every remainder of the widest register, and two common widths.
    static let widths = Array(1...33) + [384, 1_537]

    static func table(_ isa: UInt32) throws -> ragd_encoder_kernels {
        // SAFETY: tables are constants.
        unsafe try #require(ragd_encoder_kernels_for(ragd_isa(isa))).pointee
    }

    @Test("exp is within 3e-7 of libm's, relatively", arguments: all)
    func exponential(isa: UInt32) throws {
        let inputs = stride(from: Float(-87.3), through: 88.3, by: 0.003_7).map { $0 }
        var outputs = inputs
        // SAFETY: the array holds `count` elements.
        unsafe try Self.table(isa).exp(&outputs, outputs.count)
        let worst = zip(inputs, outputs).map { abs(Double($1) / exp(Double($0)) - 1) }.max() ?? 1
        #expect(worst < 3e-7)
    }

    @Test("exp saturates outside its range and keeps NaN", arguments: all)
    func exponentialLimits(isa: UInt32) throws {
        var values: [Float] = [-.infinity, -1_000, 1_000, .infinity, .nan, 0]
        // SAFETY: the array holds `count` elements.
        unsafe try Self.table(isa).exp(&values, values.count)
        #expect(values[0] >= 0 && values[0] < 1.3e-38 && values[1] == values[0])
        #expect(values[2] > 2e38 && values[2].isFinite && values[3] == values[2])
        #expect(values[4].isNaN && values[5] == 1)
    }

    @Test("erf is within 3e-7 of libm's", arguments: all)
    func errorFunction(isa: UInt32) throws {
        let inputs = stride(from: Float(-6), through: 6, by: 0.000_37).map { $0 }
        var outputs = inputs
        // SAFETY: the array holds `count` elements.
        unsafe try Self.table(isa).erf(&outputs, outputs.count)
        let worst = zip(inputs, outputs).map { abs(Double($1) - erf(Double($0))) }.max() ?? 1
        #expect(worst < 3e-7)
        var special: [Float] = [.infinity, -.infinity, .nan]
        // SAFETY: as above.
        unsafe try Self.table(isa).erf(&special, special.count)
        #expect(abs(special[0] - 1) < 3e-7 && abs(special[1] + 1) < 3e-7 && special[2].isNaN)
    }

    @Test("each bias-and-function pass equals the formula in double precision", arguments: all)
    func functions(isa: UInt32) throws {
        let table = try Self.table(isa)
        for width in Self.widths {
            var random = SeededRandom(seed: UInt64(width))
            let rows = (0..<3 * width).map { _ in 3 * random.normal() }
            let bias = (0..<width).map { _ in random.normal() }
            let sums = rows.indices.map { Double(rows[$0] + bias[$0 % width]) }
            var (gelu, geluTanh, relu) = (rows, rows, rows)
            // SAFETY: the rows hold 3 × width elements, the bias `width`.
            unsafe table.bias_gelu(&gelu, 3, width, bias)
            unsafe table.bias_gelu_tanh(&geluTanh, 3, width, bias)
            unsafe table.bias_relu(&relu, 3, width, bias)
            for (index, x) in sums.enumerated() {
                let exact = x / 2 * (1 + erf(x / 2.squareRoot()))
                let y = (2 / Double.pi).squareRoot() * (x + 0.044_715 * x * x * x)
                #expect(abs(Double(gelu[index]) - exact) < 2e-6)
                #expect(abs(Double(geluTanh[index]) - x / 2 * (1 + tanh(y))) < 2e-6)
                #expect(relu[index] == Float(max(x, 0)))
            }
        }
    }

    @Test("LayerNorm equals the formula in double precision", arguments: all)
    func layerNorm(isa: UInt32) throws {
        let table = try Self.table(isa)
        for width in Self.widths {
            var random = SeededRandom(seed: UInt64(width))
            let draw = { (count: Int) in (0..<count).map { _ in random.normal() } }
            let (rows, bias, scale, shift) = (
                draw(3 * width), draw(width), draw(width), draw(width)
            )
            var outputs = rows
            // SAFETY: the rows hold 3 × width elements, the others `width`.
            unsafe table.bias_layer_norm(&outputs, 3, width, bias, scale, shift, 1e-5)
            for row in 0..<3 {
                let x = (0..<width).map { Double(rows[row * width + $0]) + Double(bias[$0]) }
                let mean = x.reduce(0, +) / Double(width)
                let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
                for column in 0..<width {
                    let normal = (x[column] - mean) / (variance + 1e-5).squareRoot()
                    let expected = normal * Double(scale[column]) + Double(shift[column])
                    #expect(abs(Double(outputs[row * width + column]) - expected) < 1e-4)
                }
            }
        }
    }

    @Test("rows become unit length, zeros stay zeros, sums add up", arguments: all)
    func rowPasses(isa: UInt32) throws {
        let table = try Self.table(isa)
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
