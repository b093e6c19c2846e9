/// Rows of numbers in memory of their own, which an encoder's passes read and write by row ranges.
///
/// Memory starts on a cache line, which makes the products and passes over it a few per cent faster.
/// It grows on demand and never shrinks.
///
/// Thread safety: none of its own, and not `Sendable`. Whoever shares one among threads sees to it
/// that no two touch the same rows, and that none calls `reserve(rows:)`.
@safe
public final class RowBuffer<Element: BitwiseCopyable> {
    /// Elements in a row.
    public let columns: Int
    /// Rows that fit.
    public private(set) var rowCapacity = 0

    /// Bytes that the buffer holds.
    public var byteCount: Int { rowCapacity * columns * MemoryLayout<Element>.stride }

    private var storage: UnsafeMutableBufferPointer<Element>
    private let zero: Element

    private static var alignment: Int { 64 }

    /// Creates an empty buffer whose elements start as `zero`.
    public init(columns: Int, zero: Element) {
        precondition(columns > 0, "a buffer of \(columns) columns")
        self.columns = columns
        self.zero = zero
        unsafe storage = UnsafeMutableBufferPointer(start: nil, count: 0)
    }

    deinit {
        // SAFETY: allocated by reserve(rows:), freed once; spans of it end with their closures.
        unsafe storage.baseAddress?.deallocate()
    }

    /// Makes room for `rows` rows.
    ///
    /// When it has to grow, the content is lost and all elements are zero.
    public func reserve(rows: Int) {
        guard rows > rowCapacity else { return }
        let count = rows * columns
        // SAFETY: as in deinit; the pointer is replaced at once. The new memory has room for `count`
        // elements and is initialised before anyone sees it.
        unsafe storage.baseAddress?.deallocate()
        let raw = UnsafeMutableRawPointer.allocate(
            byteCount: count * MemoryLayout<Element>.stride,
            alignment: Self.alignment
        )
        let start = unsafe raw.initializeMemory(as: Element.self, repeating: zero, count: count)
        unsafe storage = UnsafeMutableBufferPointer(start: start, count: count)
        rowCapacity = rows
    }

    /// Lends the elements of `rows`.
    public func withRows<R, E: Error>(
        _ rows: Range<Int>,
        _ body: (Span<Element>) throws(E) -> R
    ) throws(E) -> R {
        // SAFETY: `slice` checked the range; the memory is initialised and lives until deinit, which
        // cannot run during this call.
        try body(unsafe Span(_unsafeElements: UnsafeBufferPointer(slice(of: rows))))
    }

    /// Lends the elements of `rows` for writing.
    public func withMutableRows<R, E: Error>(
        _ rows: Range<Int>,
        _ body: (inout MutableSpan<Element>) throws(E) -> R
    ) throws(E) -> R {
        // SAFETY: as in withRows; the type's contract keeps others off these rows meanwhile.
        var span = unsafe MutableSpan(_unsafeElements: slice(of: rows))
        return try body(&span)
    }

    /// Copies rows of another buffer, whole or a range of their columns.
    ///
    /// - Parameters:
    ///   - rows: of `other`.
    ///   - columns: of `other`; all when nil.
    ///   - other: another buffer.
    ///   - row: this buffer's row for the first of `rows`.
    ///   - column: this buffer's column for the first of `columns`.
    public func copy(
        _ rows: Range<Int>,
        columns: Range<Int>? = nil,
        of other: RowBuffer<Element>,
        to row: Int,
        column: Int = 0
    ) {
        let columns = columns ?? 0..<other.columns
        precondition(
            columns.lowerBound >= 0 && columns.upperBound <= other.columns && column >= 0
                && column + columns.count <= self.columns && other !== self,
            "columns \(columns) of \(other.columns) to \(column) on of \(self.columns)"
        )
        let source = unsafe other.slice(of: rows).baseAddress
        let target = unsafe slice(of: row..<row + rows.count).baseAddress
        guard let from = unsafe source, let to = unsafe target else { return }
        for index in 0..<rows.count {
            // SAFETY: both slices hold rows.count rows, and each row the columns checked above; the
            // buffers are different objects.
            unsafe (to + index * self.columns + column).update(
                from: from + index * other.columns + columns.lowerBound,
                count: columns.count
            )
        }
    }

    /// The memory of `rows`, for kernels.
    func slice(of rows: Range<Int>) -> UnsafeMutableBufferPointer<Element> {
        precondition(
            rows.lowerBound >= 0 && rows.upperBound <= rowCapacity,
            "rows \(rows) of a buffer of \(rowCapacity)"
        )
        // SAFETY: the range was checked.
        return unsafe UnsafeMutableBufferPointer(
            rebasing: storage[rows.lowerBound * columns..<rows.upperBound * columns]
        )
    }
}

extension RowBuffer<UInt32> {
    /// Lends words that each hold a single-precision number as such numbers, for writing.
    public func withMutableFloats<R, E: Error>(
        _ rows: Range<Int>,
        _ body: (inout MutableSpan<Float>) throws(E) -> R
    ) throws(E) -> R {
        let words = unsafe slice(of: rows)
        // SAFETY: as in withMutableRows; both types have four bytes and any bits are a value.
        let start = unsafe UnsafeMutableRawPointer(words.baseAddress)?
            .assumingMemoryBound(to: Float.self)
        var span = unsafe MutableSpan(
            _unsafeElements: UnsafeMutableBufferPointer(start: start, count: words.count)
        )
        return try body(&span)
    }
}
