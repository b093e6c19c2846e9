internal import CKernels

/// Rows as a product takes them: words of a precision, and in int8 each row's ranges.
///
/// Thread safety: that of `RowBuffer`.
public final class OperandRows {
    /// Elements of a row.
    public let columns: Int

    /// What the words hold.
    let format: ragd_precision
    let words: RowBuffer<UInt32>
    /// In int8, what a step of the codes of each range is worth, and what code 0 stands for.
    let ranges: RowBuffer<Float>

    /// Bytes that it holds.
    public var byteCount: Int { words.byteCount + ranges.byteCount }

    /// Makes an empty operand for products of `kernels`.
    public init(columns: Int, kernels: EncoderKernels) {
        self.columns = columns
        format = kernels.table.precision
        words = RowBuffer(columns: ragd_word_count(format, columns), zero: 0)
        ranges = RowBuffer(columns: 2 * ragd_range_count(format, columns), zero: 0)
    }

    /// Makes room for `rows` rows; when it has to grow, the content is lost.
    public func reserve(rows: Int) {
        words.reserve(rows: rows)
        ranges.reserve(rows: rows)
    }
}

extension OperandRows {
    /// Lends rows in f32 as numbers.
    public func withFloats<R, E: Error>(
        _ rows: Range<Int>,
        _ body: (Span<Float>) throws(E) -> R
    ) throws(E) -> R {
        precondition(format == RAGD_F32, "words of \(format) are no single-precision numbers")
        return try words.withMutableFloats(rows) { (floats) throws(E) in try body(floats.span) }
    }
}
