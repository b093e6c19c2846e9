/// A normaliser that rewrites a whole text, on its own or in a `Sequence`.
///
/// Thread safety: immutable.
enum NormalizationStep: Sendable {
    /// `NFC`.
    case composition(CanonicalComposition)
    /// `Precompiled`.
    case characterMap(CharacterMap)
    /// `Replace`.
    case replacement(TextReplacement)
    /// `Strip`: takes white space away from the start, the end or both.
    case stripping(left: Bool, right: Bool)

    /// Reads a normaliser other than BERT's.
    init(_ node: JSONNode) throws(EmbedderError) {
        let type = try node.required("type").string()
        switch type {
        case "NFC":
            self = .composition(.shared)
        case "Precompiled":
            self = .characterMap(try CharacterMap(try node.required("precompiled_charsmap")))
        case "Replace":
            self = .replacement(try TextReplacement(node))
        case "Strip":
            self = .stripping(
                left: try node.required("strip_left").bool(),
                right: try node.required("strip_right").bool()
            )
        default:
            throw .unsupportedStage(type, at: node)
        }
    }

    /// Applies the step to `text`, by way of `scratch`.
    func apply(to text: inout NormalizedText, scratch: inout NormalizedText) {
        switch self {
        case .composition(let composition): composition.compose(&text, scratch: &scratch)
        case .characterMap(let map): map.map(&text, scratch: &scratch)
        case .replacement(let replacement): replacement.replace(in: &text, scratch: &scratch)
        case .stripping(let left, let right):
            let kept = Self.kept(of: text.bytes.span, left: left, right: right)
            guard kept.count < text.bytes.count else { return }
            scratch.begin(at: text.base, capacity: kept.count)
            scratch.append(kept, of: text)
            swap(&text, &scratch)
        }
    }

    /// What is left without white space at the sides.
    private static func kept(of bytes: Span<UInt8>, left: Bool, right: Bool) -> Range<Int> {
        var start = 0
        var end = bytes.count
        while left, start < end {
            let (scalar, byteCount) = bytes.decodeScalar(at: start)
            guard scalar.properties.isWhitespace else { break }
            start += byteCount
        }
        while right, end > start, let before = bytes.decodeScalar(before: end),
            before.scalar.properties.isWhitespace
        {
            end -= before.byteCount
        }
        return start..<end
    }
}
