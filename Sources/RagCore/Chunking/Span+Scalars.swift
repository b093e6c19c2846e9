import Embedder

extension Span<UInt8> {
    /// The first byte of the scalar that `position` lies in.
    func scalarStart(atOrBefore position: Int) -> Int {
        var start = position
        while start > 0, position - start < 3, self[start] & 0xc0 == 0x80 { start -= 1 }
        return start
    }

    /// `range` without the white space at its ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end {
            let first = decodeScalar(at: start)
            guard first.scalar.properties.isWhitespace else { break }
            start += first.byteCount
        }
        while end > start, let last = decodeScalar(before: end), last.scalar.properties.isWhitespace
        {
            end -= last.byteCount
        }
        return start..<end
    }
}
