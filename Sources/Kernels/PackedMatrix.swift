internal import CKernels

/// A matrix of weights laid out for products with few or many rows, once, when it is loaded.
///
/// A general library packs its right-hand matrix at every call. Weights never change, so they are cut
/// into panels as wide as two registers here, and a product reads them from start to end: for a short
/// text that halves the time, and for a long batch it saves the packing.
///
/// The layout is that of the instruction set in use (`add_product` in `ragd_encoder.h`) and never
/// leaves the process.
public struct PackedMatrix: Sendable {
    /// Rows of the matrix: elements of a row that it is multiplied with.
    public let inner: Int
    /// Columns of the matrix: elements of a row of the product.
    public let columns: Int

    private let panels: [Float]

    /// Whether this process multiplies with vector instructions: false where a library would be
    /// faster.
    public static var isVectorised: Bool { ragd_isa_selected() != RAGD_ISA_SCALAR }

    /// Packs the transpose of a matrix, as files hold weights.
    ///
    /// - Shapes: `matrix` is columns × inner, row-major.
    public init(transposing matrix: [Float], inner: Int) {
        precondition(inner > 0 && matrix.count.isMultiple(of: inner), "\(matrix.count) by \(inner)")
        self.inner = inner
        columns = matrix.count / inner
        let width = EncoderKernels.selected.panel_columns
        let panelCount = (columns + width - 1) / width
        var panels = [Float](repeating: 0, count: panelCount * inner * width)
        let source = matrix.span
        var target = panels.mutableSpan
        for column in 0..<columns {
            let (panel, place) = column.quotientAndRemainder(dividingBy: width)
            for index in 0..<inner {
                target[(panel * inner + index) * width + place] = source[column * inner + index]
            }
        }
        self.panels = panels
    }

    /// Adds the product of `rows` and this matrix to `sums`.
    ///
    /// - Shapes: `rows`: any number × `inner`. `sums`: as many × `columns`.
    public func addProduct(of rows: Span<Float>, to sums: inout MutableSpan<Float>) {
        let rowCount = rows.count / inner
        precondition(
            rows.count == rowCount * inner && sums.count == rowCount * columns,
            "\(rows.count) elements times \(inner) × \(columns) to \(sums.count)"
        )
        let kernel = unsafe EncoderKernels.selected.add_product
        // SAFETY: the spans have the sizes checked above, `panels` the one that init gave it; all are
        // alive for the call, and `sums` overlaps nothing, being inout.
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe panels.withUnsafeBufferPointer { panels in
                unsafe sums.withUnsafeMutableBufferPointer { sums in
                    unsafe kernel?(
                        rows.baseAddress,
                        rowCount,
                        inner,
                        panels.baseAddress,
                        columns,
                        sums.baseAddress
                    )
                }
            }
        }
    }
}
