/// The smallest parts that a text is chunked by: its tokens, and pieces of tokens that are too long.
///
/// Segment `i` reaches from `starts[i]` to `starts[i + 1]`, so that what lies between two tokens (white
/// space, or characters that the tokenizer drops) belongs to the one before. Together the segments are
/// the whole text.
struct Segments {
    /// A token that is longer than this many bytes, such as an unknown word of a thousand letters, is
    /// taken apart: one token may stand for any length of text, but a chunk must stay readable.
    private static let byteCountMax = 512
    /// What a piece of such a token counts as, about one token for eight bytes.
    private static let pieceWeight = 64

    /// The start of each segment, and the end of the text as the last element.
    private(set) var starts: [Int] = []
    /// The tokens before each segment, and those of the whole text as the last element.
    private(set) var weights: [Int] = []
    /// How good a place the start of each segment is.
    private(set) var boundaries: [Boundary] = []

    /// Whether a token was taken apart, so that weights are no longer token counts.
    private(set) var hasPieces = false

    /// The number of segments.
    var count: Int { boundaries.count }

    /// Cuts a text at the starts of its tokens, as far as characters start there too.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - bytes: its UTF-8.
    ///   - tokens: byte ranges of its tokens, in order.
    ///   - tokensMax: what a piece of a long token weighs at most.
    init(_ text: String, bytes: Span<UInt8>, tokens: [Range<Int>], tokensMax: Int) {
        var cursor = CharacterCursor(text)
        var weight = 0
        var previousEnd = 0
        for (index, token) in tokens.enumerated() {
            if index == 0 {
                add(0, weight: 0, .paragraph)
            } else if token.lowerBound >= previousEnd {
                let boundary = Boundary(bytes, gap: previousEnd..<token.lowerBound)
                if boundary > .character {
                    cursor.skip(to: token.lowerBound)
                    add(token.lowerBound, weight: weight, boundary)
                } else if cursor.startsCharacter(at: token.lowerBound) {
                    // Where several tokens stand for one character, they stay together.
                    add(token.lowerBound, weight: weight, boundary)
                }
            }
            previousEnd = max(previousEnd, token.upperBound)
            if token.count <= Self.byteCountMax {
                weight += 1
            } else {
                hasPieces = true
                let pieceWeight = min(Self.pieceWeight, tokensMax)
                addPieces(of: token, in: bytes, each: pieceWeight, &weight, &cursor)
            }
        }
        starts.append(bytes.count)
        weights.append(weight)
    }

    /// Takes a long token apart; its first piece belongs to the segment that has been added already.
    private mutating func addPieces(
        of token: Range<Int>,
        in bytes: Span<UInt8>,
        each pieceWeight: Int,
        _ weight: inout Int,
        _ cursor: inout CharacterCursor
    ) {
        weight += pieceWeight
        var start = token.lowerBound
        while token.upperBound - start > Self.byteCountMax {
            // A single character of more bytes than that is no character that anyone reads.
            let next =
                cursor.lastStart(in: start + 1...start + Self.byteCountMax)
                ?? bytes.scalarStart(atOrBefore: start + Self.byteCountMax)
            add(next, weight: weight, .character)
            weight += pieceWeight
            start = next
        }
    }

    private mutating func add(_ start: Int, weight: Int, _ boundary: Boundary) {
        starts.append(start)
        weights.append(weight)
        boundaries.append(boundary)
    }

    /// The bytes of a range of segments.
    func bytes(_ range: Range<Int>) -> Range<Int> {
        starts[range.lowerBound]..<starts[range.upperBound]
    }

    /// What a range of segments weighs, in tokens.
    func weight(_ range: Range<Int>) -> Int {
        weights[range.upperBound] - weights[range.lowerBound]
    }

    /// How good a place it is to end before segment `index`.
    func boundary(_ index: Int) -> Boundary {
        index < count ? boundaries[index] : .paragraph
    }
}
