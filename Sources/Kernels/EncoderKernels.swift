internal import CKernels

/// The passes of a transformer encoder in one precision, each one sweep over rows.
///
/// The C kernels behind them have one variant an instruction set; the widest that the CPU supports
/// (or that `RAGD_CPU` names) is chosen once. Accuracy is stated in `ragd_encoder.h`.
///
/// A pass that ends in an operand encodes its rows for the next product while they are in the
/// first-level cache.
public struct EncoderKernels: Sendable {
    /// The precision of products.
    public let precision: ComputePrecision

    let table: ragd_encoder_kernels

    /// The kernels of a precision for the selected instruction set.
    ///
    /// - Parameters:
    ///   - precision: of products.
    ///   - hasBlocks: whether in int8 every block of 64 elements has a range or scale of its own, for
    ///     models some of whose elements are far larger than the others.
    public init(_ precision: ComputePrecision, hasBlocks: Bool = false) {
        let format = precision == .int8 && hasBlocks ? RAGD_INT8_BLOCKS : precision.word
        // SAFETY: the pointer, when there is one, is to a constant with static lifetime; the copy
        // holds functions that keep no state.
        guard let table = unsafe ragd_encoder_kernels_for(ragd_isa_selected(), format)
        else { preconditionFailure("no encoder kernels for \(CPU.instructionSet)") }
        self.precision = precision
        self.table = unsafe table.pointee
    }

    /// Whether the CPU multiplies in this precision by an instruction.
    var isNative: Bool { table.is_native != 0 }

    /// The precision of queries, keys and values.
    public var attentionPrecision: ComputePrecision {
        table.attention_precision == RAGD_F32 ? .f32 : .bf16
    }
}

extension EncoderKernels {
    /// Encodes rows for a product.
    ///
    /// - Parameters:
    ///   - from: the rows; `operand` has as many columns.
    ///   - rows: which of `from`.
    ///   - operand: receives them.
    ///   - target: its row for the first of them.
    public func encode(
        _ from: RowBuffer<Float>,
        _ rows: Range<Int>,
        into operand: OperandRows,
        at target: Int
    ) {
        let place = check(from, rows, operand, target)
        // SAFETY: the buffers' slices hold rows.count whole rows, as checked; they belong to
        // different objects, so that none overlaps another.
        unsafe table.encode(
            from.slice(of: rows).baseAddress,
            rows.count,
            from.columns,
            operand.words.slice(of: place).baseAddress,
            operand.ranges.slice(of: place).baseAddress
        )
    }

    /// Replaces every row x by LayerNorm(x) · scale + shift, and encodes it.
    ///
    /// LayerNorm subtracts the row's mean and divides by √(variance + epsilon), the variance being
    /// the biased one: Ba, Kiros and Hinton, arXiv:1607.06450.
    public func layerNorm(
        _ buffer: RowBuffer<Float>,
        _ rows: Range<Int>,
        scale: [Float],
        shift: [Float],
        epsilon: Float,
        into operand: OperandRows,
        at target: Int
    ) {
        let place = check(buffer, rows, operand, target)
        precondition(
            scale.count == buffer.columns && shift.count == buffer.columns,
            "layerNorm: \(buffer.columns) columns, scale \(scale.count), shift \(shift.count)"
        )
        // SAFETY: as in encode; `scale` and `shift` hold an element a column and live for the call.
        unsafe table.layer_norm(
            buffer.slice(of: rows).baseAddress,
            rows.count,
            buffer.columns,
            scale,
            shift,
            epsilon,
            operand.words.slice(of: place).baseAddress,
            operand.ranges.slice(of: place).baseAddress
        )
    }

    /// Replaces every element by its activation, and encodes the rows.
    public func activate(
        _ buffer: RowBuffer<Float>,
        _ rows: Range<Int>,
        _ function: ActivationFunction,
        into operand: OperandRows,
        at target: Int
    ) {
        let place = check(buffer, rows, operand, target)
        // SAFETY: as in encode.
        unsafe table.activate(
            buffer.slice(of: rows).baseAddress,
            rows.count,
            buffer.columns,
            function.kernel,
            operand.words.slice(of: place).baseAddress,
            operand.ranges.slice(of: place).baseAddress
        )
    }

    /// Encodes RMSNorm(x) · scale of every row x, and leaves the rows as they are.
    ///
    /// RMSNorm divides by the root of the mean square: Zhang and Sennrich, arXiv:1910.07467.
    public func rmsNorm(
        _ buffer: RowBuffer<Float>,
        _ rows: Range<Int>,
        scale: [Float],
        epsilon: Float,
        into operand: OperandRows,
        at target: Int
    ) {
        let place = check(buffer, rows, operand, target)
        precondition(
            scale.count == buffer.columns && buffer.columns <= RAGD_RMS_COLUMNS_MAX,
            "rmsNorm: \(buffer.columns) columns, scale \(scale.count)"
        )
        // SAFETY: as in encode; `scale` holds an element a column and lives for the call.
        unsafe table.rms_norm(
            buffer.slice(of: rows).baseAddress,
            rows.count,
            buffer.columns,
            scale,
            epsilon,
            operand.words.slice(of: place).baseAddress,
            operand.ranges.slice(of: place).baseAddress
        )
    }

    /// Encodes silu(gate) · up, where a row holds gates and then as many ups; overwrites the rows.
    ///
    /// The gated feed-forward block "SwiGLU": Shazeer, arXiv:2002.05202.
    public func gate(
        _ buffer: RowBuffer<Float>,
        _ rows: Range<Int>,
        into operand: OperandRows,
        at target: Int
    ) {
        precondition(
            buffer.columns == 2 * operand.columns && operand.format == table.precision,
            "gate: \(buffer.columns) columns to \(operand.columns)"
        )
        let place = target..<target + rows.count
        // SAFETY: the slices hold rows.count rows of the columns checked above, in different buffers.
        unsafe table.gate(
            buffer.slice(of: rows).baseAddress,
            rows.count,
            operand.columns,
            operand.words.slice(of: place).baseAddress,
            operand.ranges.slice(of: place).baseAddress
        )
    }

    /// Encodes one row of weights in f32 or bf16.
    func encode(_ weights: Span<Float>, into words: inout [UInt32]) {
        precondition(words.count == ragd_word_count(precision.word, weights.count))
        precondition(precision != .int8, "weights of int8 have signs")
        var range: (Float, Float) = (0, 0)
        // SAFETY: one row, with as many words as the kernel writes; all live for the call.
        unsafe weights.withUnsafeBufferPointer { weights in
            unsafe withUnsafeMutableBytes(of: &range) { range in
                unsafe table.encode(
                    weights.baseAddress,
                    1,
                    weights.count,
                    &words,
                    range.assumingMemoryBound(to: Float.self).baseAddress
                )
            }
        }
    }

    /// The operand's rows that `rows` go to.
    private func check(
        _ buffer: RowBuffer<Float>,
        _ rows: Range<Int>,
        _ operand: OperandRows,
        _ target: Int
    ) -> Range<Int> {
        precondition(
            operand.columns == buffer.columns && operand.format == table.precision,
            "\(buffer.columns) columns to an operand of \(operand.columns) in \(operand.format)"
        )
        return target..<target + rows.count
    }
}

/// The non-linear function between the two products of a feed-forward block.
public enum ActivationFunction: Sendable, Hashable {
    /// Exact GELU, x/2 · (1 + erf(x/√2)): Hendrycks and Gimpel, arXiv:1606.08415.
    case gelu
    /// The approximation of GELU by a hyperbolic tangent, from the same paper.
    case geluTanh
    /// max(x, 0).
    case relu

    var kernel: ragd_activation {
        switch self {
        case .gelu: RAGD_GELU
        case .geluTanh: RAGD_GELU_TANH
        case .relu: RAGD_RELU
        }
    }
}
