import COpenBLAS

/// Products of single-precision matrices: the only file that reaches OpenBLAS.
///
/// It multiplies where `PackedMatrix` has no vector instructions: on a CPU that our kernels have no
/// variant for, or when `RAGD_CPU` says scalar.
///
/// OpenBLAS is told to use one thread: the callers' own threads each work on their own batch, so
/// that a text's vector does not depend on how many of them there are.
package enum MatrixMultiply {
    /// Sets OpenBLAS up and checks it against a plain product, once a process.
    ///
    /// - Throws: `EmbedderError` with code `unsupportedModel` when the library computes wrongly, as
    ///   a build for another CPU may.
    package static func prepare() throws(EmbedderError) {
        if let failure { throw failure }
    }

    /// Adds the product of `left` and `right` to `sum`.
    ///
    /// - Shapes: `left`: rows × inner. `right`: inner × columns. `sum`: rows × columns. Row-major.
    package static func add(
        _ left: Span<Float>,
        times right: Span<Float>,
        to sum: inout MutableSpan<Float>,
        inner: Int,
        columns: Int
    ) {
        precondition(inner > 0 && columns > 0, "a product over \(inner) to \(columns) columns")
        let rows = left.count / inner
        precondition(
            left.count == rows * inner && right.count == inner * columns
                && sum.count == rows * columns,
            "\(left.count) times \(right.count) to \(sum.count) elements"
        )
        guard rows > 0 else { return }
        // SAFETY: the three spans have the sizes that the shapes imply, checked above, stay alive
        // for the call, and `sum` is exclusive; OpenBLAS reads and writes nothing else.
        unsafe left.withUnsafeBufferPointer { left in
            unsafe right.withUnsafeBufferPointer { right in
                unsafe sum.withUnsafeMutableBufferPointer { sum in
                    unsafe cblas_sgemm(
                        CblasRowMajor,
                        CblasNoTrans,
                        CblasNoTrans,
                        blasint(rows),
                        blasint(columns),
                        blasint(inner),
                        1,
                        left.baseAddress,
                        blasint(inner),
                        right.baseAddress,
                        blasint(columns),
                        1,
                        sum.baseAddress,
                        blasint(columns)
                    )
                }
            }
        }
    }

    /// Why OpenBLAS must not be used, or nil: decided at first use.
    private static let failure: EmbedderError? = {
        openblas_set_num_threads(1)
        // One row, a tail in every direction, and a shape that fills whole blocks.
        for (rows, inner, columns) in [(1, 64, 48), (13, 37, 29), (64, 96, 80)] {
            let error = selfCheckError(rows: rows, inner: inner, columns: columns)
            guard error <= 1e-4 else {
                return EmbedderError(
                    .unsupportedModel,
                    "OpenBLAS computes a \(rows) × \(inner) × \(columns) product wrongly (error "
                        + "\(error)); set OPENBLAS_CORETYPE to a plainer CPU, such as Haswell"
                )
            }
        }
        return nil
    }()

    /// The largest difference between OpenBLAS and a plain product of small known matrices.
    private static func selfCheckError(rows: Int, inner: Int, columns: Int) -> Float {
        // Values in [-1, 1] without pattern: multiples of the golden ratio, modulo 1.
        let values = { (count: Int, start: Float) in
            (0..<count).map { (start + Float($0) * 0.618_034).truncatingRemainder(dividingBy: 1) }
        }
        let left = values(rows * inner, -1)
        let right = values(inner * columns, -0.5)
        var sum = [Float](repeating: 1, count: rows * columns)
        var product = sum.mutableSpan
        add(left.span, times: right.span, to: &product, inner: inner, columns: columns)
        var worst: Float = 0
        for row in 0..<rows {
            for column in 0..<columns {
                var expected: Double = 1
                for index in 0..<inner {
                    expected +=
                        Double(left[row * inner + index]) * Double(right[index * columns + column])
                }
                let difference = abs(sum[row * columns + column] - Float(expected))
                // A NaN must fail the check, and compares false with everything.
                guard difference.isFinite else { return .infinity }
                worst = max(worst, difference)
            }
        }
        return worst
    }
}
