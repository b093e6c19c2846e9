/// A pre-tokenizer that splits by a pattern: `Split` in a tokenizer file.
///
/// Matches are found as the `tokenizers` library finds them: from left to right, each where the one
/// before ended; an empty one only where no match has just ended. The pattern sees nothing but the range
/// that is split.
///
/// Thread safety: immutable.
package struct PatternSplit: Sendable {
    /// What GPT-2 splits by, and `ByteLevel` where a file asks it for `use_regex`.
    package static let gpt2Expression =
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    private let pattern: CompiledPattern
    private let behavior: SplitBehavior
    private let inverts: Bool
    private let limits: PatternLimits

    /// A splitter.
    ///
    /// - Parameters:
    ///   - expression: in the syntax of the `tokenizers` library.
    ///   - behavior: what becomes of matches.
    ///   - inverts: whether matches are what is between, and the other way round.
    ///   - limits: what a text may cost.
    /// - Throws: `EmbedderError` with code `unsupportedModel` for an expression that would, or could,
    ///   match other text here than there.
    package init(
        expression: String,
        behavior: SplitBehavior,
        inverts: Bool = false,
        limits: PatternLimits = PatternLimits()
    ) throws(EmbedderError) {
        do {
            let translated = try PatternTranslation.translate(expression)
            self.init(try CompiledPattern(translated), behavior, inverts, limits)
        } catch {
            throw EmbedderError(
                .unsupportedModel,
                "the pattern \(expression.debugDescription) has \(error.message), which is not supported"
            )
        }
    }

    /// A splitter by a fixed text.
    ///
    /// - Throws: `EmbedderError` with code `unsupportedModel` when the text is too long.
    package init(
        literal: String,
        behavior: SplitBehavior,
        inverts: Bool = false
    ) throws(EmbedderError) {
        do {
            let pattern = try CompiledPattern(PatternTranslation.literal(literal))
            self.init(pattern, behavior, inverts, PatternLimits())
        } catch {
            throw EmbedderError(
                .unsupportedModel,
                "the text to split by has \(error.message), which is not supported"
            )
        }
    }

    private init(
        _ pattern: CompiledPattern,
        _ behavior: SplitBehavior,
        _ inverts: Bool,
        _ limits: PatternLimits
    ) {
        self.pattern = pattern
        self.behavior = behavior
        self.inverts = inverts
        self.limits = limits
    }

    /// Begins to search a text of so many bytes.
    func makeSearch(byteCount: Int) -> PatternSearch {
        PatternSearch(limits, byteCount: byteCount)
    }

    /// Appends the byte range of each piece of `range` of `bytes`, in order.
    ///
    /// - Throws: `EmbedderError` with code `invalidInput` when the text costs more than the limits.
    package func split(
        _ bytes: Span<UInt8>,
        in range: Range<Int>,
        into words: inout [Range<Int>]
    ) throws(EmbedderError) {
        try split(bytes, in: range, into: &words, search: makeSearch(byteCount: range.count))
    }

    /// The same as a part of a longer text, whose search goes on.
    func split(
        _ bytes: Span<UInt8>,
        in range: Range<Int>,
        into words: inout [Range<Int>],
        search: PatternSearch
    ) throws(EmbedderError) {
        guard !range.isEmpty else { return }
        let subject = bytes.extracting(range)
        let base = range.lowerBound
        var pieces = SplitBehavior.Pieces(behavior, after: words)
        var covered = 0
        var position = 0
        var lastEnd: Int?
        do {
            while position <= subject.count,
                let match = try search.firstMatch(of: pattern, in: subject, from: position)
            {
                if match.isEmpty, match.upperBound == lastEnd {
                    // None right behind a match: on by one scalar, or for ever here.
                    guard position < subject.count else { break }
                    position += subject.decodeScalar(at: position).byteCount
                    continue
                }
                position = match.upperBound
                lastEnd = match.upperBound
                if covered < match.lowerBound {
                    let between = base + covered..<base + match.lowerBound
                    pieces.append(between, isMatch: inverts, to: &words)
                }
                let found = base + match.lowerBound..<base + match.upperBound
                pieces.append(found, isMatch: !inverts, to: &words)
                covered = match.upperBound
            }
        } catch {
            throw EmbedderError(.invalidInput, error.explanation(limits))
        }
        if covered < subject.count {
            pieces.append(base + covered..<range.upperBound, isMatch: inverts, to: &words)
        }
        pieces.finish(&words)
    }
}

extension PatternLimitReached {
    /// What to tell whoever sent the text.
    fileprivate func explanation(_ limits: PatternLimits) -> String {
        let cost =
            switch self {
            case .steps: "more than \(limits.stepsMax) steps from one place of"
            case .time: "too long for"
            }
        return
            "the pattern of the model's tokenizer takes \(cost) this text; shorten its long runs of "
            + "like characters"
    }
}
