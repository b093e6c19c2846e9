public import Embedder

/// Cuts a document into overlapping chunks that fit the model's window.
///
/// A chunk ends at the best place in the second half of its window: a blank line, else the end of a
/// sentence, else a line break, else white space, else between two characters. The next one starts a
/// few tokens earlier, at the best place there. Every character that is not white space is in a chunk,
/// unless the model sees nothing at all in the text.
///
/// Thread safety: immutable.
public struct Chunker: Sendable {
    private let tokenizer: Tokenizer
    private let tokensMax: Int
    private let overlapTokens: Int

    /// Creates a chunker.
    ///
    /// - Parameters:
    ///   - tokenizer: the model's own.
    ///   - tokensMax: tokens of a chunk at most, special tokens not counted; at least 1.
    ///   - overlapTokens: tokens that a chunk repeats from the one before, at most; less than
    ///     `tokensMax`.
    /// - Throws: `EmbedderError` with code `invalidInput` when a number is out of range.
    public init(tokenizer: Tokenizer, tokensMax: Int, overlapTokens: Int) throws(EmbedderError) {
        guard tokensMax >= 1 else {
            throw EmbedderError(.invalidInput, "a chunk of at most \(tokensMax) tokens; at least 1")
        }
        guard (0..<tokensMax).contains(overlapTokens) else {
            throw EmbedderError(
                .invalidInput,
                "an overlap of \(overlapTokens) tokens in chunks of \(tokensMax); 0 to \(tokensMax - 1)"
            )
        }
        self.tokenizer = tokenizer
        self.tokensMax = tokensMax
        self.overlapTokens = overlapTokens
    }

    /// The chunks of a text, in order; none when the model sees nothing in it.
    ///
    /// A chunk that alone is encoded again has `tokenCount` tokens, which are at most `tokensMax`; only
    /// a single character that the model writes with more is a chunk nevertheless.
    ///
    /// - Throws: as `Tokenizer.encode`.
    /// - Complexity: O(length of the text): it is tokenised once, and a chunk that starts or ends inside
    ///   a word once more.
    public func chunks(of text: String) throws(EmbedderError) -> [Chunk] {
        let encoding = try tokenizer.encodePlain(text)
        guard encoding.count > 0 else { return [] }
        let utf8 = text.utf8
        let bytes = utf8.span
        let segments = Segments(
            text,
            bytes: bytes,
            tokens: encoding.offsets,
            tokensMax: tokensMax
        )
        var chunks: [Chunk] = []
        var start = 0
        var covered = 0
        while covered < segments.count {
            let window = segments.window(from: start, tokensMax: tokensMax)
            let end = segments.bestEnd(in: window, after: covered)
            let fitted = try fit(start..<end, of: segments, text: text, bytes: bytes)
            if start < covered, (fitted?.end ?? start) <= covered {
                // The overlap left no room for anything new: do without.
                start = covered
                continue
            }
            guard let fitted else {
                chunks += try halves(
                    of: segments.bytes(start..<start + 1),
                    text: text,
                    bytes: bytes
                )
                covered = start + 1
                start = covered
                continue
            }
            if !fitted.chunk.range.isEmpty { chunks.append(fitted.chunk) }
            covered = fitted.end
            start = segments.overlapStart(
                in: start + 1..<covered,
                end: covered,
                tokens: overlapTokens
            )
        }
        return chunks
    }

    // MARK: - Counting again

    /// The longest beginning of `range` that fits when it is encoded alone; nil when not even one
    /// segment does.
    private func fit(
        _ range: Range<Int>,
        of segments: Segments,
        text: String,
        bytes: Span<UInt8>
    ) throws(EmbedderError) -> (chunk: Chunk, end: Int)? {
        var end = range.upperBound
        while true {
            let candidate = range.lowerBound..<end
            let trimmed = bytes.trimmed(segments.bytes(candidate))
            let weight = segments.hasPieces ? nil : segments.weight(candidate)
            let count = try tokenCount(trimmed, weight: weight, text, bytes)
            if count <= tokensMax { return (Chunk(range: trimmed, tokenCount: count), end) }
            guard candidate.count > 1 else { return nil }
            // At least halves what is left to try, or takes the share that should fit.
            let share = candidate.count * tokensMax / count
            let limit = range.lowerBound + max(1, min(share, candidate.count - 1))
            end = segments.bestEnd(in: range.lowerBound..<limit, after: range.lowerBound)
        }
    }

    /// The tokens of `range` when it is encoded alone: known when both ends are at white space, which
    /// the tokens of a text do not look across.
    private func tokenCount(
        _ range: Range<Int>,
        weight: Int?,
        _ text: String,
        _ bytes: Span<UInt8>
    ) throws(EmbedderError) -> Int {
        let startsClean =
            bytes.decodeScalar(before: range.lowerBound)?.scalar.properties.isWhitespace ?? true
        let endsClean =
            range.upperBound == bytes.count
            || bytes.decodeScalar(at: range.upperBound).scalar.properties.isWhitespace
        if let weight, startsClean, endsClean { return weight }
        return try tokenizer.encodePlain(text.substring(range)).count
    }

    /// The chunks of a single segment that is too much for one: halves, and halves of those.
    private func halves(
        of range: Range<Int>,
        text: String,
        bytes: Span<UInt8>
    ) throws(EmbedderError) -> [Chunk] {
        let range = bytes.trimmed(range)
        let part = text.substring(range)
        let count = try tokenizer.encodePlain(part).count
        guard count > tokensMax, let middle = part.middleOffset else {
            return range.isEmpty ? [] : [Chunk(range: range, tokenCount: count)]
        }
        let split = range.lowerBound + middle
        return try halves(of: range.lowerBound..<split, text: text, bytes: bytes)
            + halves(of: split..<range.upperBound, text: text, bytes: bytes)
    }
}
