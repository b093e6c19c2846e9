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
        let keyHeads: Int
        let headSize: Int

        var testDescription: String {
            "\(length) tokens, \(heads) heads of \(headSize) on \(keyHeads)"
        }

        var width: Int { heads * headSize }
        var projectedWidth: Int { (heads + 2 * keyHeads) * headSize }
    }

    /// Lengths around a step (6), a register and a panel (32); head sizes that no register divides.
    static let shapes = [1, 2, 5, 6, 7, 15, 16, 17, 31, 32, 33, 100].flatMap { length in
        [(1, 1, 1), (3, 3, 8), (5, 5, 4), (2, 2, 32), (2, 1, 33), (1, 1, 64), (8, 2, 8), (6, 1, 2)]
            .map { heads, keyHeads, headSize in
                Shape(length: length, heads: heads, keyHeads: keyHeads, headSize: headSize)
            }
    }

    @Test(
        "equals softmax(QK'/√D)V in double precision, of all tokens or of some, causal or not",
        arguments: shapes,
        [false, true]
    )
    func attention(shape: Shape, isCausal: Bool) throws {
        var random = SeededRandom(seed: UInt64(shape.length * 1_000 + shape.headSize))
        let drawn = (0..<shape.length * shape.projectedWidth).map { _ in 2 * random.normal() }
        for choice in EncoderTables.all {
            let table = try choice.table
            guard table.precision == table.attention_precision else { continue }
            guard shape.headSize.isMultiple(of: ragd_word_elements(table.precision)) else {
                continue
            }
            var projections = DecodedRows(
                table.precision,
                rows: shape.length,
                columns: shape.projectedWidth
            )
            // SAFETY: `length` rows.
            unsafe table.encode(
                drawn,
                shape.length,
                shape.projectedWidth,
                &projections.words,
                &projections.ranges
            )
            let expected = Self.reference(projections, shape: shape, isCausal: isCausal)
            // A weight is rounded to the words, too, but never the sum that it is divided by.
            let tolerance = table.precision == RAGD_F32 ? 1e-5 : 0.02
            for (first, count) in [
                (0, shape.length), (shape.length / 3, shape.length - shape.length / 3),
                (shape.length / 3, 1),
            ] {
                var context = [Float](repeating: .nan, count: count * shape.width)
                let scratchCount = ragd_attention_scratch_count(shape.length, shape.headSize)
                // Stale memory and a guard behind it: nothing may leak in, nothing may be written
                // past.
                var scratch = [UInt32](repeating: Float.nan.bitPattern, count: scratchCount)
                scratch.append(42)
                let words = { ragd_word_count(table.precision, $0) }
                // SAFETY: every buffer has the size that the kernel's contract asks for.
                unsafe projections.words.withUnsafeBufferPointer { rows in
                    guard let start = rows.baseAddress else { return }
                    var sequence = unsafe ragd_attention(
                        queries: start,
                        keys: start + words(shape.width),
                        values: start + words(shape.width + shape.keyHeads * shape.headSize),
                        stride: words(shape.projectedWidth),
                        length: shape.length,
                        heads: shape.heads,
                        key_heads: shape.keyHeads,
                        head_size: shape.headSize,
                        is_causal: isCausal ? 1 : 0
                    )
                    unsafe table.attention(&sequence, first, count, &context, &scratch)
                }
                let worst =
                    zip(context, expected[(first * shape.width)...])
                    .map { abs(Double($0) - $1) }.max() ?? 1
                #expect(
                    worst < tolerance && !context.contains(where: \.isNaN),
                    "\(choice) from \(first)"
                )
                #expect(scratch[scratchCount] == 42)
            }
        }
    }

    private static func reference(
        _ projections: DecodedRows,
        shape: Shape,
        isCausal: Bool
    ) -> [Double] {
        let (length, size) = (shape.length, shape.headSize)
        var context = [Double](repeating: 0, count: length * shape.width)
        for head in 0..<shape.heads {
            let keyHead = head / (shape.heads / shape.keyHeads)
            let keys = shape.width + keyHead * size
            let values = keys + shape.keyHeads * size
            for query in 0..<length {
                let scores = (0..<(isCausal ? query + 1 : length)).map { key in
                    (0..<size).reduce(0.0) { sum, index in
                        sum + projections.value(query, head * size + index)
                            * projections.value(key, keys + index)
                    } / Double(size).squareRoot()
                }
                let highest = scores.max() ?? 0
                let weights = scores.map { exp($0 - highest) }
                let total = weights.reduce(0, +)
                for index in 0..<size {
                    context[query * shape.width + head * size + index] =
                        weights.indices.reduce(0.0) { sum, key in
                            sum + weights[key] / total * projections.value(key, values + index)
                        }
                }
            }
        }
        return context
    }
}
