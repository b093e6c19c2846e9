internal import CKernels

/// Sweeps over single-precision rows, the same for every precision of products.
public enum FloatRows {
    /// Adds `values` to `sum`, element by element.
    public static func add(_ values: Span<Float>, to sum: inout MutableSpan<Float>) {
        precondition(sum.count == values.count, "add: \(values.count) to \(sum.count) elements")
        let kernel = unsafe KernelTables.rows.add
        // SAFETY: both spans hold values.count initialised Floats; the inout one overlaps nothing.
        unsafe sum.withUnsafeMutableBufferPointer { sum in
            unsafe values.withUnsafeBufferPointer { values in
                unsafe kernel?(sum.baseAddress, values.baseAddress, values.count)
            }
        }
    }

    /// Scales every row of `columns` elements to unit length; a row of zeros stays as it is.
    public static func normalize(_ rows: inout MutableSpan<Float>, columns: Int) {
        precondition(columns > 0, "a row needs at least one column")
        precondition(
            rows.count.isMultiple(of: columns),
            "\(rows.count) elements are no whole rows of \(columns)"
        )
        let kernel = unsafe KernelTables.rows.unit_rows
        // SAFETY: `rows` holds whole rows of initialised Floats for the whole call.
        unsafe rows.withUnsafeMutableBufferPointer { rows in
            unsafe kernel?(rows.baseAddress, rows.count / columns, columns)
        }
    }
}
