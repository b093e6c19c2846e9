internal import CKernels

extension VectorMath {
    /// The dot products of `query` with every row of a matrix.
    ///
    /// - Shapes: `query` holds d elements, `rows` n × d, row-major; the result n.
    public static func dots(_ query: Span<Float>, rows: Span<Float>) -> [Float] {
        let dimension = query.count
        precondition(
            dimension > 0 && rows.count.isMultiple(of: dimension),
            "dots: \(rows.count) elements are no whole rows of \(dimension)"
        )
        let rowCount = rows.count / dimension
        let kernel = unsafe KernelTables.vector.dot_rows
        return unsafe [Float](unsafeUninitializedCapacity: rowCount) { out, initializedCount in
            // SAFETY: `query` and `rows` hold what the shapes say for the whole call, which only
            // reads them and writes all `rowCount` elements of `out`.
            unsafe query.withUnsafeBufferPointer { query in
                unsafe rows.withUnsafeBufferPointer { rows in
                    guard let query = query.baseAddress, let rows = rows.baseAddress,
                        let out = out.baseAddress
                    else { return }
                    unsafe kernel(query, rows, rowCount, dimension, out)
                }
            }
            initializedCount = rowCount
        }
    }
}
