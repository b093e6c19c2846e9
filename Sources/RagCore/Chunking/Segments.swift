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

    /// Cuts a text at the starts of its tokens.
    ///
    /// - Parameters:
    ///   - bytes: the text.
    ///   - tokens: byte ranges of its tokens, in order.
    ///   - tokensMax: what a segment weighs at most.
    init(_ bytes: Span<UInt8>, tokens: [Range<Int>], tokensMax: Int) {
        var weight = 0
        var previousStart = -1
        var previousEnd = 0
        for (index, token) in tokens.enumerated() {
            // Several tokens can stand for one character; they stay together.
            if token.lowerBound <= previousStart {
                weight += 1
                previousEnd = max(previousEnd, token.upperBound)
                continue
            }
            let start = index == 0 ? 0 : token.lowerBound
            let gap = min(previousEnd, start)..<start
            add(start, weight: weight, index == 0 ? .paragraph : Boundary(bytes, gap: gap))
            previousStart = token.lowerBound
            previousEnd = token.upperBound
            guard token.count > Self.byteCountMax else {
                weight += 1
                continue
            }
            hasPieces = true
            let pieceWeight = min(Self.pieceWeight, tokensMax)
            weight += pieceWeight
            var position = token.lowerBound + Self.byteCountMax
            while position < token.upperBound {
                let start = bytes.scalarStart(atOrBefore: position)
                add(start, weight: weight, .character)
                weight += pieceWeight
                position = start + Self.byteCountMax
            }
        }
        starts.append(bytes.count)
        weights.append(weight)
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
