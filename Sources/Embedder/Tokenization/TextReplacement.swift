/// Puts a fixed text in the place of every match of a pattern.
///
/// Thread safety: immutable.
struct TextReplacement: Sendable {
    /// What is looked for.
    private enum Pattern {
        case literal([UInt8])
        /// Two spaces or more: the one regular expression that is known here.
        case spaces
    }

    private static let spacesExpression = " {2,}"

    private let pattern: Pattern
    private let content: [Unicode.Scalar]

    /// Reads a normaliser of type `Replace`.
    init(_ node: JSONNode) throws(EmbedderError) {
        content = Array(try node.required("content").string().unicodeScalars)
        let pattern = try node.required("pattern")
        if let literal = try pattern.optional("String") {
            let bytes = Array(try literal.string().utf8)
            guard !bytes.isEmpty else { throw literal.failure("is empty") }
            self.pattern = .literal(bytes)
        } else {
            let expression = try pattern.required("Regex").string()
            guard expression == Self.spacesExpression else {
                throw .unsupportedStage("Replace of " + expression, at: node)
            }
            self.pattern = .spaces
        }
    }

    /// Rewrites `text` by way of `scratch`.
    func replace(in text: inout NormalizedText, scratch: inout NormalizedText) {
        var covered = 0
        var position = 0
        while position < text.bytes.count {
            guard let end = matchEnd(text.bytes.span, at: position) else {
                position += 1
                continue
            }
            if covered == 0 { scratch.begin(at: text.base, capacity: text.bytes.count) }
            scratch.append(covered..<position, of: text)
            // All that is new stands where the last scalar of the match stood.
            let place = text.place(at: end - 1)
            for scalar in content { scratch.append(scalar, start: place.start, end: place.end) }
            covered = end
            position = end
        }
        guard covered > 0 else { return }
        scratch.append(covered..<text.bytes.count, of: text)
        swap(&text, &scratch)
    }

    private func matchEnd(_ bytes: Span<UInt8>, at start: Int) -> Int? {
        switch pattern {
        case .literal(let literal):
            guard bytes.count - start >= literal.count else { return nil }
            for index in literal.indices where bytes[start + index] != literal[index] { return nil }
            return start + literal.count
        case .spaces:
            var end = start
            while end < bytes.count, bytes[end] == UInt8(ascii: " ") { end += 1 }
            return end - start >= 2 ? end : nil
        }
    }
}
