import CKernels
import Foundation
import TestSupport
import Testing

@Suite("Attention kernels")
struct AttentionKernelTests {
    /// One sequence's shape.
    struct Shape: Sendable, CustomTestStringConvertible {
        let length: Int
        let heads: Int
        let headSize: Int

        var testDescription: String { "\(length) tokens, \(heads) heads of \(headSize)" }
    }

    /// Lengths around a step (6), a register and a panel (32); head sizes that no register divides.
    static let shapes = [1, 2, 5, 6, 7, 15, 16, 17, 31, 32, 33, 100].flatMap { length in
        [(1, 1), (3, 8), (5, 4), (2, 32), (2, 33), (1, 64)].map { heads, headSize in
            Shape(length: length, heads: heads, headSize: headSize)
        }
    }

    @Test(
        "equals softmax(QK'/√D)V in double precision, of all tokens or of some",
        arguments: shapes
    )
    func attention(shape: Shape) throws {
        var random = SeededRandom(seed: UInt64(shape.length * 1_000 + shape.headSize))
        let width = shape.heads * shape.headSize
        let drawn = (0..<shape.length * 3 * width).map { _ in 2 * random.normal() }
        for choice in EncoderTables.all {
            let table = try choice.table
            guard table.precision == table.attention_precision else { continue }
            guard shape.headSize.isMultiple(of: ragd_word_elements(table.precision)) else {
                continue
            }
            var projections = DecodedRows(
                table.precision,
                rows: shape.length,
                columns: 3 * width
            )
            // SAFETY: `length` rows.
            unsafe table.encode(
                drawn,
                shape.length,
                3 * width,
                &projections.words,
                &projections.ranges
            )
            let expected = Self.reference(projections, shape: shape)
            // A weight is rounded to the words, too, but never the sum that it is divided by.
            let tolerance = table.precision == RAGD_F32 ? 1e-5 : 0.02
            for first in Set([0, shape.length / 3]) {
                let count = shape.length - first
                var context = [Float](repeating: .nan, count: count * width)
                let scratchCount = ragd_attention_scratch_count(shape.length, shape.headSize)
                // Stale memory and a guard behind it: nothing may leak in, nothing may be written
                // past.
                var scratch = [UInt32](repeating: Float.nan.bitPattern, count: scratchCount)
                scratch.append(42)
                // SAFETY: every buffer has the size that the kernel's contract asks for.
                unsafe table.attention(
                    projections.words,
                    shape.length,
                    first,
                    count,
                    shape.heads,
                    shape.headSize,
                    &context,
                    &scratch
                )
                let worst =
                    zip(context, expected[(first * width)...])
                    .map { abs(Double($0) - $1) }.max() ?? 1
                #expect(
                    worst < tolerance && !context.contains(where: \.isNaN),
                    "\(choice) from \(first)"
                )
                #expect(scratch[scratchCount] == 42)
            }
        }
    }

    private static func reference(_ projections: DecodedRows, shape: Shape) -> [Double] {
        let (length, size, width) = (shape.length, shape.headSize, shape.heads * shape.headSize)
        let element = { (token: Int, column: Int) in
            projections.value(token, column)
        }
        var context = [Double](repeating: 0, count: length * width)
        for head in 0..<shape.heads {
            for query in 0..<length {
                let scores = (0..<length).map { key in
                    (0..<size).reduce(0.0) { sum, index in
                        let column = head * size + index
                        return sum + element(query, column) * element(key, width + column)
                    } / Double(size).squareRoot()
                }
                let highest = scores.max() ?? 0
                let weights = scores.map { exp($0 - highest) }
                let total = weights.reduce(0, +)
                for index in 0..<size {
                    let column = head * size + index
                    context[query * width + column] = (0..<length).reduce(0.0) { sum, key in
                        sum + weights[key] / total * element(key, 2 * width + column)
                    }
                }
            }
        }
        return context
    }
}
