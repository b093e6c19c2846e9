internal import CKernels

/// A matrix of weights with its bias, laid out for products with few or many rows when it is loaded.
///
/// A general library packs its right-hand matrix at every call. Weights never change, so they are cut
/// into panels as wide as two registers here, and a product reads them from start to end: for a short
/// text that halves the time, and for a long batch it saves the packing.
///
/// In int8 a column's weights, or each block of them, are rounded to 127 steps of their own on each side
/// of zero.
///
/// The layout is that of the instruction set in use (`ragd_weights` in `ragd_encoder.h`) and never
/// leaves the process.
public struct PackedMatrix: Sendable {
    /// Rows of the matrix: elements of a row that it is multiplied with.
    public let inner: Int
    /// Columns of the matrix: elements of a row of the product.
    public let columns: Int

    /// Bytes in memory.
    public var byteCount: Int {
        (panels.count + bias.count + scales.count + sums.count) * MemoryLayout<UInt32>.stride
    }

    private let kernels: EncoderKernels
    private let depth: Int
    private let panels: [UInt32]
    private let bias: [Float]
    private let scales: [Float]
    private let sums: [Float]

    /// What becomes of a product.
    public enum Output: Sendable {
        /// It replaces what is there.
        case set
        /// It is added to what is there: a residual connection.
        case add
    }

    /// Whether this process multiplies in f32 by these kernels; on a CPU that has no vector variant
    /// worth having, a library is faster.
    public static var isVectorised: Bool {
        let isa = ragd_isa_selected()
        return isa != RAGD_ISA_SCALAR && isa != RAGD_ISA_NEON
    }

    /// Packs the transposes of matrices, as files hold weights, side by side.
    ///
    /// - Shapes: `matrices`: each some columns × inner, row-major. `bias`: an element a column of all.
    public init(
        transposing matrices: [[Float]],
        inner: Int,
        bias: [Float],
        kernels: EncoderKernels
    ) {
        precondition(
            inner > 0 && matrices.reduce(0) { $0 + $1.count } == inner * bias.count,
            "\(matrices.map(\.count)) weights for \(inner) inputs, \(bias.count) columns"
        )
        let format = kernels.table.precision
        let depth = ragd_word_count(format, inner)
        let width = kernels.table.panel_columns
        let columns = bias.count
        let padded = ragd_padded_columns(columns)
        let rangeCount = kernels.precision == .int8 ? ragd_range_count(format, inner) : 0
        let rangeSize = format == RAGD_INT8_BLOCKS ? Int(RAGD_BLOCK_ELEMENTS) : inner
        var panels = [UInt32](repeating: 0, count: (columns + width - 1) / width * depth * width)
        var scales = [Float](repeating: 0, count: rangeCount * padded)
        var sums = scales
        var words = [UInt32](repeating: 0, count: depth)
        var target = panels.mutableSpan
        var column = 0
        for matrix in matrices {
            for start in stride(from: 0, to: matrix.count, by: inner) {
                let weights = matrix.span.extracting(start..<start + inner)
                if rangeCount == 0 { kernels.encode(weights, into: &words) }
                for range in 0..<rangeCount {
                    let elements = range * rangeSize..<min((range + 1) * rangeSize, inner)
                    let place = range * padded + column
                    (scales[place], sums[place]) = Self.encodeSigned(
                        weights,
                        elements,
                        into: &words
                    )
                }
                let (panel, place) = column.quotientAndRemainder(dividingBy: width)
                let first = panel * depth * width + place
                for index in 0..<depth { target[first + index * width] = words[index] }
                column += 1
            }
        }
        self.inner = inner
        self.columns = columns
        self.kernels = kernels
        self.depth = depth
        self.panels = panels
        self.bias = bias + [Float](repeating: 0, count: padded - columns)
        self.scales = scales
        self.sums = sums
    }

    /// Rounds some of a column's weights to signed bytes, four a word.
    ///
    /// - Returns: what a step is worth, and the sum of the rounded weights. Of the rounded ones: the
    ///   sum stands for a row's low end times every weight, and a row's codes all count from that low
    ///   end, so that only then the roundings of weights meet the row's own values, which are around
    ///   zero, and not their distance from the low end. A step of NaN when a weight is not finite, so
    ///   that no product of it is.
    private static func encodeSigned(
        _ weights: Span<Float>,
        _ elements: Range<Int>,
        into words: inout [UInt32]
    ) -> (scale: Float, sum: Float) {
        var largest: Float = 0
        var isFinite = true
        for index in elements {
            largest = max(largest, abs(weights[index]))
            isFinite = isFinite && weights[index].isFinite
        }
        guard isFinite else { return (.nan, .nan) }
        let scale = largest / 127
        let inverse = scale > 0 ? 1 / scale : 0
        for index in elements where index % 4 == 0 { words[index / 4] = 0 }
        var sum = 0
        for index in elements {
            // Within ±127.00001, which rounds to ±127.
            let code = Int8((weights[index] * inverse).rounded(.toNearestOrEven))
            words[index / 4] |= UInt32(UInt8(bitPattern: code)) << UInt32(8 * (index % 4))
            sum += Int(code)
        }
        return (scale, scale * Float(sum))
    }

    /// Multiplies rows by this matrix and adds the bias.
    ///
    /// - Parameters:
    ///   - operand: the rows, `inner` columns for products of this matrix's kernels.
    ///   - rows: which of them.
    ///   - output: what becomes of the product.
    ///   - sums: receives it, `columns` elements a row.
    ///   - target: its row for the first of `rows`.
    public func multiply(
        _ operand: OperandRows,
        _ rows: Range<Int>,
        _ output: Output,
        _ sums: RowBuffer<Float>,
        at target: Int
    ) {
        precondition(sums.columns == columns, "\(columns) columns into rows of \(sums.columns)")
        let kind = output == .add ? RAGD_ADD_F32 : RAGD_SET_F32
        // SAFETY: the slice holds rows.count rows of `columns` floats.
        unsafe multiply(
            operand,
            rows,
            kind,
            sums.slice(of: target..<target + rows.count).baseAddress,
            stride: columns
        )
    }

    /// Multiplies rows by this matrix, adds the bias, and rounds to the attention's precision.
    ///
    /// - Parameters:
    ///   - operand: the rows, `inner` columns for products of this matrix's kernels.
    ///   - rows: which of them.
    ///   - projections: made by `EncoderKernels.makeProjections`; replaced.
    ///   - target: its row for the first of `rows`.
    public func project(
        _ operand: OperandRows,
        _ rows: Range<Int>,
        into projections: RowBuffer<UInt32>,
        at target: Int
    ) {
        let word = kernels.table.attention_precision
        precondition(
            columns.isMultiple(of: ragd_word_elements(word))
                && projections.columns == ragd_word_count(word, columns),
            "\(columns) columns into rows of \(projections.columns) words"
        )
        // SAFETY: the slice holds rows.count rows of projections.columns words.
        unsafe multiply(
            operand,
            rows,
            RAGD_SET_WORDS,
            projections.slice(of: target..<target + rows.count).baseAddress,
            stride: projections.columns
        )
    }

    private func multiply(
        _ operand: OperandRows,
        _ rows: Range<Int>,
        _ output: ragd_product_output,
        _ out: UnsafeMutableRawPointer?,
        stride: Int
    ) {
        precondition(
            operand.columns == inner && operand.format == kernels.table.precision,
            "rows of \(operand.columns) in \(operand.format) times \(inner) × \(columns)"
        )
        // SAFETY: the operand's slices hold rows.count rows; the arrays have the sizes that init gave
        // them and live for the call, as does `weights`; the caller sized `out`.
        unsafe panels.withUnsafeBufferPointer { panels in
            unsafe bias.withUnsafeBufferPointer { bias in
                unsafe scales.withUnsafeBufferPointer { scales in
                    unsafe sums.withUnsafeBufferPointer { sums in
                        var weights = unsafe ragd_weights(
                            panels: panels.baseAddress,
                            depth: depth,
                            columns: columns,
                            bias: bias.baseAddress,
                            scales: scales.baseAddress,
                            sums: sums.baseAddress
                        )
                        unsafe kernels.table.product(
                            operand.words.slice(of: rows).baseAddress,
                            operand.ranges.slice(of: rows).baseAddress,
                            rows.count,
                            &weights,
                            output,
                            out,
                            stride
                        )
                    }
                }
            }
        }
    }
}
