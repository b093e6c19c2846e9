/// Writes spaces as a visible mark, and splits the text before each: `Metaspace` in a tokenizer file.
///
/// Thread safety: immutable.
struct MetaspaceSplitter: Sendable {
    /// Which stretches get a mark in front when they do not start with one.
    private enum Prefix {
        case always
        /// Only the one at the start of the original text.
        case first
        case never
    }

    private let mark: Unicode.Scalar
    private let prefix: Prefix
    /// Whether words are split off; otherwise the model sees the stretch whole.
    private let splits: Bool
    /// Whether white space is taken out first: `WhitespaceSplit` before this in a `Sequence`.
    private let dropsWhitespace: Bool

    /// Reads a pre-tokenizer or decoder of type `Metaspace`.
    init(_ node: JSONNode, dropsWhitespace: Bool = false) throws(EmbedderError) {
        self.dropsWhitespace = dropsWhitespace
        let replacement = try node.optional("replacement")?.string() ?? "\u{2581}"
        let marks = Array(replacement.unicodeScalars)
        guard marks.count == 1 else { throw node.failure("must have a replacement of one scalar") }
        mark = marks[0]
        splits = try node.optional("split")?.bool() ?? true
        // Files written before 2024 say only whether there is a prefix.
        let isPrefixed = try node.optional("add_prefix_space")?.bool() ?? true
        let scheme =
            try node.optional("prepend_scheme")?.string() ?? (isPrefixed ? "always" : "never")
        switch scheme {
        case "always": prefix = .always
        case "first": prefix = .first
        case "never": prefix = .never
        default: throw .unsupportedStage("Metaspace, prefix \(scheme)", at: node)
        }
    }

    // MARK: - Splitting

    /// Writes `range` of `text` into `output`, and appends the range of each word in that.
    func split(
        _ text: NormalizedText,
        in range: Range<Int>,
        into output: inout NormalizedText,
        words: inout [Range<Int>]
    ) {
        output.begin(at: text.base, capacity: range.count + range.count / 4)
        guard dropsWhitespace else {
            append(range, of: text, to: &output, words: &words)
            return
        }
        var start = range.lowerBound
        var position = range.lowerBound
        while position < range.upperBound {
            let (scalar, byteCount) = text.bytes.span.decodeScalar(at: position)
            if scalar.properties.isWhitespace {
                append(start..<position, of: text, to: &output, words: &words)
                start = position + byteCount
            }
            position += byteCount
        }
        append(start..<range.upperBound, of: text, to: &output, words: &words)
    }

    private func append(
        _ range: Range<Int>,
        of text: NormalizedText,
        to output: inout NormalizedText,
        words: inout [Range<Int>]
    ) {
        guard !range.isEmpty else { return }
        let bytes = text.bytes.span
        var wordStart = output.bytes.count
        if !isMark(bytes.decodeScalar(at: range.lowerBound).scalar),
            hasPrefix(text, at: range.lowerBound)
        {
            let place = text.place(at: range.lowerBound)
            output.append(mark, start: place.start, end: place.end)
        }
        var position = range.lowerBound
        while position < range.upperBound {
            let (scalar, byteCount) = bytes.decodeScalar(at: position)
            let next = position + byteCount
            if isMark(scalar) {
                if splits, output.bytes.count > wordStart {
                    words.append(wordStart..<output.bytes.count)
                    wordStart = output.bytes.count
                }
                let place = text.place(at: position)
                output.append(mark, start: place.start, end: place.end)
            } else {
                output.append(position..<next, of: text)
            }
            position = next
        }
        words.append(wordStart..<output.bytes.count)
    }

    private func isMark(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == mark
    }

    private func hasPrefix(_ text: NormalizedText, at position: Int) -> Bool {
        switch prefix {
        case .always: true
        case .first: text.base + Int(text.place(at: position).start) == 0
        case .never: false
        }
    }

    // MARK: - Decoding

    /// The text that a token stands for.
    func decode(_ token: String, isFirst: Bool) -> String {
        let dropsMarks = isFirst && prefix != .never
        var text = String.UnicodeScalarView()
        for scalar in token.unicodeScalars where scalar != mark || !dropsMarks {
            text.append(scalar == mark ? " " : scalar)
        }
        return String(text)
    }
}
