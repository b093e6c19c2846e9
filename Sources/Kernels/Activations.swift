import CKernels

/// The element-wise passes of a transformer encoder, each one sweep over rows in place.
///
/// The C kernels behind them have one variant an instruction set; the widest that the CPU supports
/// (or that `RAGD_CPU` names) is chosen once. Accuracy is stated in `ragd_encoder.h`.
///
/// - Shapes: `rows` is row-major; its number of columns is the count of `bias`.
public enum Activations {
    /// The non-linear function between the two products of a feed-forward block.
    public enum Function: Sendable, Hashable {
        /// Exact GELU, x/2 · (1 + erf(x/√2)): Hendrycks and Gimpel, arXiv:1606.08415.
        case gelu
        /// The approximation of GELU by a hyperbolic tangent, from the same paper.
        case geluTanh
        /// max(x, 0).
        case relu
    }

    /// Replaces every row by `function(row + bias)`.
    public static func apply(
        _ function: Function,
        to rows: inout MutableSpan<Float>,
        addingBias bias: Span<Float>
    ) {
        let rowCount = rowCount(of: rows.count, columns: bias.count)
        let kernels = EncoderKernels.selected
        let kernel =
            switch function {
            case .gelu: unsafe kernels.bias_gelu
            case .geluTanh: unsafe kernels.bias_gelu_tanh
            case .relu: unsafe kernels.bias_relu
            }
        // SAFETY: `rows` holds rowCount × bias.count Floats and `bias` one row, both initialised
        // and alive for the call; an inout span overlaps nothing else.
        unsafe rows.withUnsafeMutableBufferPointer { rows in
            unsafe bias.withUnsafeBufferPointer { bias in
                unsafe kernel?(rows.baseAddress, rowCount, bias.count, bias.baseAddress)
            }
        }
    }

    /// Replaces every row x by LayerNorm(x + bias) · scale + shift.
    ///
    /// LayerNorm subtracts the row's mean and divides by √(variance + epsilon), the variance being
    /// the biased one: Ba, Kiros and Hinton, arXiv:1607.06450.
    public static func layerNorm(
        _ rows: inout MutableSpan<Float>,
        addingBias bias: Span<Float>,
        scale: Span<Float>,
        shift: Span<Float>,
        epsilon: Float
    ) {
        let rowCount = rowCount(of: rows.count, columns: bias.count)
        precondition(
            scale.count == bias.count && shift.count == bias.count,
            "layerNorm: bias \(bias.count), scale \(scale.count), shift \(shift.count) elements"
        )
        let kernel = unsafe EncoderKernels.selected.bias_layer_norm
        // SAFETY: as in apply; the four spans have the counts checked above.
        unsafe rows.withUnsafeMutableBufferPointer { rows in
            unsafe bias.withUnsafeBufferPointer { bias in
                unsafe scale.withUnsafeBufferPointer { scale in
                    unsafe shift.withUnsafeBufferPointer { shift in
                        unsafe kernel?(
                            rows.baseAddress,
                            rowCount,
                            bias.count,
                            bias.baseAddress,
                            scale.baseAddress,
                            shift.baseAddress,
                            epsilon
                        )
                    }
                }
            }
        }
    }

    /// Sets every row to `row`.
    public static func fill(_ rows: inout MutableSpan<Float>, with row: Span<Float>) {
        let rowCount = rowCount(of: rows.count, columns: row.count)
        // SAFETY: `rows` holds rowCount × row.count Floats and overlaps nothing, being inout.
        unsafe rows.withUnsafeMutableBufferPointer { rows in
            unsafe row.withUnsafeBufferPointer { row in
                guard let target = rows.baseAddress, let source = row.baseAddress
                else { return }
                for index in 0..<rowCount {
                    unsafe (target + index * row.count).update(from: source, count: row.count)
                }
            }
        }
    }

    /// Adds `values` to `sum`, element by element.
    public static func add(_ values: Span<Float>, to sum: inout MutableSpan<Float>) {
        precondition(sum.count == values.count, "add: \(values.count) to \(sum.count) elements")
        let kernel = unsafe EncoderKernels.selected.add
        // SAFETY: both spans hold values.count initialised Floats; the inout one overlaps nothing.
        unsafe sum.withUnsafeMutableBufferPointer { sum in
            unsafe values.withUnsafeBufferPointer { values in
                unsafe kernel?(sum.baseAddress, values.baseAddress, values.count)
            }
        }
    }

    /// Scales every row to unit length; a row of zeros stays as it is.
    public static func normalizeRows(_ rows: inout MutableSpan<Float>, columns: Int) {
        let rowCount = rowCount(of: rows.count, columns: columns)
        let kernel = unsafe EncoderKernels.selected.unit_rows
        // SAFETY: `rows` holds rowCount × columns initialised Floats for the whole call.
        unsafe rows.withUnsafeMutableBufferPointer { rows in
            unsafe kernel?(rows.baseAddress, rowCount, columns)
        }
    }

    private static func rowCount(of count: Int, columns: Int) -> Int {
        precondition(columns > 0, "a row needs at least one column")
        precondition(count % columns == 0, "\(count) elements are no whole rows of \(columns)")
        return count / columns
    }
}
