/// A row-major matrix of single-precision numbers that owns its memory and lends spans of it.
///
/// Memory starts on a cache line, which makes the products and passes over it a few per cent faster.
/// It grows on demand and never shrinks. Thread safety: none; one owner uses it at a time.
@safe
package struct Matrix: ~Copyable {
    /// Elements in a row.
    package let columns: Int
    /// Rows that fit.
    package private(set) var rowCapacity: Int

    /// Bytes that the matrix holds.
    package var byteCount: Int { rowCapacity * columns * MemoryLayout<Float>.stride }

    private var storage: UnsafeMutableBufferPointer<Float>

    private static let alignment = 64

    /// Creates a matrix of zeros.
    package init(rows: Int = 0, columns: Int) {
        precondition(rows >= 0 && columns > 0, "a matrix of \(rows) × \(columns)")
        self.columns = columns
        rowCapacity = rows
        unsafe storage = Self.zeros(count: rows * columns)
    }

    deinit {
        // SAFETY: allocated by zeros(count:), freed once; spans of it end with their closures.
        unsafe storage.baseAddress?.deallocate()
    }

    /// Makes room for `rows` rows.
    ///
    /// When it has to grow, the content is lost and all are zeros.
    package mutating func reserve(rows: Int) {
        guard rows > rowCapacity else { return }
        // SAFETY: as in deinit; the pointer is replaced at once.
        unsafe storage.baseAddress?.deallocate()
        unsafe storage = Self.zeros(count: rows * columns)
        rowCapacity = rows
    }

    /// Lends the elements of `rows`.
    package func withRows<R, E: Error>(
        _ rows: Range<Int>,
        _ body: (Span<Float>) throws(E) -> R
    ) throws(E) -> R {
        let elements = elements(of: rows)
        // SAFETY: the range was checked; the memory is initialised and lives until deinit, which
        // cannot run during this borrow.
        return try body(
            unsafe Span(_unsafeElements: UnsafeBufferPointer(rebasing: storage[elements]))
        )
    }

    /// Lends the elements of `rows` for writing.
    package mutating func withMutableRows<R, E: Error>(
        _ rows: Range<Int>,
        _ body: (inout MutableSpan<Float>) throws(E) -> R
    ) throws(E) -> R {
        let elements = elements(of: rows)
        // SAFETY: as in withRows; this exclusive access keeps every other span away.
        var span = unsafe MutableSpan(
            _unsafeElements: UnsafeMutableBufferPointer(rebasing: storage[elements])
        )
        return try body(&span)
    }

    private func elements(of rows: Range<Int>) -> Range<Int> {
        precondition(
            rows.lowerBound >= 0 && rows.upperBound <= rowCapacity,
            "rows \(rows) of a matrix of \(rowCapacity)"
        )
        return rows.lowerBound * columns..<rows.upperBound * columns
    }

    private static func zeros(count: Int) -> UnsafeMutableBufferPointer<Float> {
        guard count > 0 else {
            return unsafe UnsafeMutableBufferPointer(start: nil, count: 0)
        }
        // SAFETY: room for `count` Floats, initialised before anyone sees it.
        let raw = UnsafeMutableRawPointer.allocate(
            byteCount: count * MemoryLayout<Float>.stride,
            alignment: alignment
        )
        let start = unsafe raw.initializeMemory(as: Float.self, repeating: 0, count: count)
        return unsafe UnsafeMutableBufferPointer(start: start, count: count)
    }
}
