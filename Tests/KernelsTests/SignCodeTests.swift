import CKernels
import Kernels
import TestSupport
import Testing

@Suite("Sign codes")
struct SignCodeTests {
    @Test("a bit is set exactly where a component is at least zero", arguments: [1, 7, 8, 9, 384])
    func bitsAreSigns(dimension: Int) {
        var random = SeededRandom(seed: UInt64(dimension))
        let rows = (0..<3 * dimension).map { _ in random.normal() }
        let codes = SignCodes.encode(rows, dimension: dimension)
        let byteCount = SignCodes.byteCount(dimension: dimension)
        #expect(codes.count == 3 * byteCount)
        for row in 0..<3 {
            for bit in 0..<8 * byteCount {
                let isSet = codes[row * byteCount + bit / 8] >> (bit % 8) & 1 == 1
                #expect(isSet == (bit < dimension && rows[row * dimension + bit] >= 0))
            }
        }
    }

    @Test("minus zero counts as positive")
    func minusZero() {
        #expect(SignCodes.encode([-0.0, 0, -1, 1], dimension: 4) == [0b1011])
    }

    @Test("no rows have no codes")
    func noRows() {
        #expect(SignCodes.encode([], dimension: 8).isEmpty)
    }

    @Test(
        "every instruction set finds the same sums as scalar, to the bit",
        arguments: VectorKernelTests.instructionSets
    )
    func kernelsAgree(isa: UInt32) throws {
        var random = SeededRandom(seed: 11)
        for (laneCount, byteCount, codeCount) in [
            (16, 1, 1), (16, 5, 3), (32, 48, 4), (48, 48, 9), (16, 50, 0), (64, 128, 7),
        ] {
            let lanes = (0..<laneCount * byteCount * 8).map { _ in
                Int8.random(in: -127...127, using: &random)
            }
            let codes = (0..<codeCount * byteCount).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let expected = try Self.maxSums(
                RAGD_ISA_SCALAR.rawValue,
                lanes,
                laneCount,
                codes,
                byteCount
            )
            #expect(try Self.maxSums(isa, lanes, laneCount, codes, byteCount) == expected)
        }
    }

    private static func maxSums(
        _ isa: UInt32,
        _ lanes: [Int8],
        _ laneCount: Int,
        _ codes: [UInt8],
        _ byteCount: Int
    ) throws -> [Int32] {
        // SAFETY: the arrays have the sizes that ragd_codes.h asks for.
        let kernels = try unsafe #require(ragd_code_kernels_for(ragd_isa(isa))).pointee
        var scratch = [UInt8](repeating: 0, count: 4 * 8 * byteCount)
        var best = [Int32](repeating: 0, count: laneCount)
        unsafe kernels.max_sums(
            lanes,
            laneCount,
            codes,
            codes.count / byteCount,
            byteCount,
            &scratch,
            &best
        )
        return best
    }
}
