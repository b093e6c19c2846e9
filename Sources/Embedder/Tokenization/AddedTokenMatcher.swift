/// Finds added tokens in a text: at each place the longest one, from left to right.
///
/// Thread safety: immutable.
struct AddedTokenMatcher: Sendable {
    /// A stretch of the text: an added token, or what lies between two of them.
    struct Piece {
        let range: Range<Int>
        let id: Int32?
    }

    private let tokens: [AddedToken]
    private let trie: ByteTrie
    /// Whether a token starts with this byte: nearly all of the text is passed over by it.
    private let startsToken: [Bool]

    /// Whether there is nothing to find.
    var isEmpty: Bool { tokens.isEmpty }

    /// Creates a matcher for tokens that are written as `patterns`, which are distinct and not empty.
    init(_ tokens: [AddedToken], patterns: [[UInt8]]) {
        self.tokens = tokens
        let keys = patterns.enumerated()
            .map { (bytes: $1, value: Int32($0)) }
            .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        trie = ByteTrie(sortedKeys: keys)
        var startsToken = [Bool](repeating: false, count: 256)
        for pattern in patterns { startsToken[Int(pattern[0])] = true }
        self.startsToken = startsToken
    }

    /// The stretches of `range` of `bytes`, in order and without gaps.
    func pieces(of bytes: Span<UInt8>, in range: Range<Int>) -> [Piece] {
        guard !isEmpty else { return range.isEmpty ? [] : [Piece(range: range, id: nil)] }
        var pieces: [Piece] = []
        var covered = range.lowerBound
        var position = range.lowerBound
        while position < range.upperBound {
            guard startsToken[Int(bytes[position])],
                let match = trie.longestMatch(bytes, from: position, to: range.upperBound)
            else {
                position += 1
                continue
            }
            let token = tokens[Int(match.value)]
            let found = position..<match.end
            // A match that is then refused still uses up its bytes, as in the reference.
            position = match.end
            if token.isSingleWord, touchesWord(found, of: bytes, in: range) { continue }
            let taken = stripped(found, of: bytes, in: covered..<range.upperBound, token: token)
            if covered < taken.lowerBound {
                pieces.append(Piece(range: covered..<taken.lowerBound, id: nil))
            }
            pieces.append(Piece(range: taken, id: token.id))
            covered = taken.upperBound
            position = max(position, covered)
        }
        if covered < range.upperBound {
            pieces.append(Piece(range: covered..<range.upperBound, id: nil))
        }
        return pieces
    }

    private func touchesWord(
        _ found: Range<Int>,
        of bytes: Span<UInt8>,
        in range: Range<Int>
    ) -> Bool {
        if found.lowerBound > range.lowerBound,
            let before = bytes.decodeScalar(before: found.lowerBound),
            before.scalar.isWordCharacter
        {
            return true
        }
        return found.upperBound < range.upperBound
            && bytes.decodeScalar(at: found.upperBound).scalar.isWordCharacter
    }

    /// `found`, widened by the white space that the token takes along.
    private func stripped(
        _ found: Range<Int>,
        of bytes: Span<UInt8>,
        in free: Range<Int>,
        token: AddedToken
    ) -> Range<Int> {
        var start = found.lowerBound
        var end = found.upperBound
        while token.stripsLeft, start > free.lowerBound,
            let before = bytes.decodeScalar(before: start), before.scalar.properties.isWhitespace
        {
            start -= before.byteCount
        }
        while token.stripsRight, end < free.upperBound {
            let after = bytes.decodeScalar(at: end)
            guard after.scalar.properties.isWhitespace else { break }
            end += after.byteCount
        }
        return start..<end
    }
}

extension Unicode.Scalar {
    /// Whether the scalar is a word character of regular expressions (UTS #18, `\w`).
    fileprivate var isWordCharacter: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation:
            true
        default:
            properties.isAlphabetic || properties.isJoinControl
        }
    }
}
