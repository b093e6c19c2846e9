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
    /// Whether the text is the original's as it stands, with no places written down.
    private var isVerbatim = false

    /// Creates an empty text.
    package init() {}

    /// Empties the text and begins a stretch at `base` of the original.
    mutating func begin(at base: Int, capacity: Int) {
        self.base = base
        isVerbatim = false
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
        if isVerbatim {
            let whole = scalarRange(around: range)
            return base + whole.lowerBound..<base + whole.upperBound
        }
        let start = base + Int(starts[range.lowerBound])
        let end = base + Int(ends[range.upperBound - 1])
        return start..<max(start, end)
    }
}

// MARK: - Rewriting

extension NormalizedText {
    /// Takes `range` of the original as it stands.
    mutating func copy(_ original: Span<UInt8>, in range: Range<Int>) {
        precondition(range.count <= Int(UInt32.max), "a stretch of \(range.count) bytes")
        base = range.lowerBound
        isVerbatim = true
        bytes.removeAll(keepingCapacity: true)
        bytes.reserveCapacity(range.count)
        for index in range { bytes.append(original[index]) }
    }

    /// Appends a scalar that takes the place of others in `source`, at `cursor`.
    ///
    /// - Parameters:
    ///   - scalar: what to append.
    ///   - change: 0 when it replaces the scalar there; below zero when that many after it go too;
    ///     above when it is added, and shares the place of the scalar before.
    ///   - source: the text that is being rewritten.
    ///   - cursor: the byte of `source` that was reached; moved past what was replaced.
    mutating func append(
        _ scalar: Unicode.Scalar,
        change: Int,
        replacing source: NormalizedText,
        at cursor: inout Int
    ) {
        let place = source.place(at: change > 0 ? cursor - 1 : cursor)
        if change <= 0 { source.skip(1 - change, at: &cursor) }
        append(scalar, start: place.start, end: place.end)
    }

    /// Appends `range` of another text, with its places.
    mutating func append(_ range: Range<Int>, of text: NormalizedText) {
        for position in range {
            let place = text.place(at: position)
            append(text.bytes[position], start: place.start, end: place.end)
        }
    }

    /// Moves `cursor` past `count` scalars.
    private func skip(_ count: Int, at cursor: inout Int) {
        for _ in 0..<count where cursor < bytes.count {
            cursor += bytes.span.decodeScalar(at: cursor).byteCount
        }
    }

    /// Where in the original, counted from `base`, the scalar came from that this byte is part of.
    func place(at position: Int) -> (start: UInt32, end: UInt32) {
        guard bytes.indices.contains(position) else { return (0, 0) }
        guard isVerbatim else { return (starts[position], ends[position]) }
        let whole = scalarRange(around: position..<position + 1)
        return (UInt32(whole.lowerBound), UInt32(whole.upperBound))
    }

    /// `range`, widened to whole scalars.
    private func scalarRange(around range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start > 0, bytes[start] & 0xc0 == 0x80 { start -= 1 }
        while end < bytes.count, bytes[end] & 0xc0 == 0x80 { end += 1 }
        return start..<end
    }
}
