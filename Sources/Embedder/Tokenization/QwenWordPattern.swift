/// Splits a text into words as the regular expression of the Qwen models does, without one.
///
/// The alternatives of `expression`, in the order in which they are tried:
///
/// 1. an English contraction, `'s 't 're 've 'm 'll 'd` in any case;
/// 2. letters, with at most one character before them that is no letter, number or line end;
/// 3. one numeric character;
/// 4. other characters that are not white space, with at most one space before and any line ends after;
/// 5. white space up to and including the last line end in it;
/// 6. white space but for its last character, which goes to the word that follows;
/// 7. white space.
///
/// Thread safety: immutable.
package struct QwenWordPattern: Sendable {
    /// The expression as the models' files spell it.
    package static let expression =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"#
        + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

    private let kinds = ScalarKindTable.shared

    package init() {}

    /// Appends the byte range of each word in `range` of `bytes`; together they are all of it.
    package func split(_ bytes: Span<UInt8>, in range: Range<Int>, into words: inout [Range<Int>]) {
        var position = range.lowerBound
        while position < range.upperBound {
            let next = wordEnd(bytes, from: position, end: range.upperBound)
            words.append(position..<next)
            position = next
        }
    }

    @inline(__always)
    private func wordEnd(_ bytes: Span<UInt8>, from start: Int, end: Int) -> Int {
        let first = kind(bytes, at: start)
        let next = start + first.byteCount
        switch first.kind {
        case .letter:
            return lettersEnd(bytes, from: next, end: end)
        case .number:
            return next
        case .symbol:
            if let contractionEnd = contractionEnd(bytes, from: start, end: end) {
                return contractionEnd
            }
            if next < end, kind(bytes, at: next).kind == .letter {
                return lettersEnd(bytes, from: next, end: end)
            }
            return symbolsEnd(bytes, from: next, end: end)
        case .space:
            guard next < end else { return next }
            let following = kind(bytes, at: next).kind
            if following == .letter { return lettersEnd(bytes, from: next, end: end) }
            if following == .symbol, bytes[start] == UInt8(ascii: " ") {
                return symbolsEnd(bytes, from: next, end: end)
            }
            return spacesEnd(bytes, from: start, end: end)
        case .lineEnd:
            return spacesEnd(bytes, from: start, end: end)
        }
    }

    @inline(__always)
    private func lettersEnd(_ bytes: Span<UInt8>, from start: Int, end: Int) -> Int {
        var position = start
        while position < end {
            let (kind, byteCount) = kind(bytes, at: position)
            guard kind == .letter else { break }
            position += byteCount
        }
        return position
    }

    /// The end of the symbols, of which there may be no more, and of the line ends after them.
    private func symbolsEnd(_ bytes: Span<UInt8>, from start: Int, end: Int) -> Int {
        var position = start
        while position < end {
            let (kind, byteCount) = kind(bytes, at: position)
            guard kind == .symbol else { break }
            position += byteCount
        }
        while position < end, Self.isLineEnd(bytes[position]) { position += 1 }
        return position
    }

    /// The end of white space, by alternatives 5 to 7.
    private func spacesEnd(_ bytes: Span<UInt8>, from start: Int, end: Int) -> Int {
        var position = start
        var lastStart = start
        var lineEnd: Int?
        while position < end {
            let (kind, byteCount) = kind(bytes, at: position)
            guard kind == .space || kind == .lineEnd else { break }
            lastStart = position
            position += byteCount
            if kind == .lineEnd { lineEnd = position }
        }
        if let lineEnd { return lineEnd }
        return position < end && lastStart > start ? lastStart : position
    }

    private func contractionEnd(_ bytes: Span<UInt8>, from start: Int, end: Int) -> Int? {
        guard bytes[start] == UInt8(ascii: "'"), start + 1 < end else { return nil }
        switch bytes[start + 1] | 0x20 {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
            return start + 2
        default: break
        }
        guard start + 2 < end else { return nil }
        switch (bytes[start + 1] | 0x20, bytes[start + 2] | 0x20) {
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return start + 3
        default: break
        }
        // The long s, U+017F, is an s when case does not count.
        return bytes[start + 1] == 0xc5 && bytes[start + 2] == 0xbf ? start + 3 : nil
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }

    @inline(__always)
    private func kind(
        _ bytes: Span<UInt8>,
        at position: Int
    ) -> (kind: ScalarKind, byteCount: Int) {
        let (scalar, byteCount) = bytes.decodeScalar(at: position)
        return (kinds[scalar], byteCount)
    }
}
