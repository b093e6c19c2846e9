/// A stretch of text after normalisation, with the place in the original that each byte came from.
///
/// Positions in the original are relative to `base`, so that they fit 32 bits.
package struct NormalizedText {
    /// The normalised text, UTF-8.
    package private(set) var bytes: [UInt8] = []
    /// Where the stretch starts in the original text.
    package private(set) var base = 0
    private var starts: [UInt32] = []
    private var ends: [UInt32] = []

    /// Creates an empty text.
    package init() {}

    /// Empties the text and begins a stretch at `base` of the original.
    mutating func begin(at base: Int, capacity: Int) {
        self.base = base
        bytes.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        bytes.reserveCapacity(capacity)
        starts.reserveCapacity(capacity)
        ends.reserveCapacity(capacity)
    }

    /// Appends a byte that stands for `start..<end` of the original, counted from `base`.
    @inline(__always)
    mutating func append(_ byte: UInt8, start: UInt32, end: UInt32) {
        bytes.append(byte)
        starts.append(start)
        ends.append(end)
    }

    /// Appends a scalar that stands for `start..<end` of the original, counted from `base`.
    mutating func append(_ scalar: Unicode.Scalar, start: UInt32, end: UInt32) {
        for byte in scalar.utf8 {
            append(byte, start: start, end: end)
        }
    }

    /// The range of the original text that `range` of `bytes` came from; empty for an empty range.
    func originalRange(of range: Range<Int>) -> Range<Int> {
        guard !range.isEmpty else { return base..<base }
        let start = base + Int(starts[range.lowerBound])
        let end = base + Int(ends[range.upperBound - 1])
        return start..<max(start, end)
    }
}
