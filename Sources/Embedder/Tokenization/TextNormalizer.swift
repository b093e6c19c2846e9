/// The `normalizer` of a tokenizer file, whichever of its kinds the file asks for.
///
/// Thread safety: immutable.
enum TextNormalizer: Sendable {
    case bert(Normalizer)
    /// One after the other; none leaves the text as it stands.
    case steps([NormalizationStep])

    /// Reads `normalizer`; without one the text stays as it is.
    init(_ node: JSONNode?) throws(EmbedderError) {
        guard let node else {
            self = .steps([])
            return
        }
        switch try node.required("type").string() {
        case "BertNormalizer":
            self = .bert(try Normalizer(node))
        case "Sequence":
            var steps: [NormalizationStep] = []
            for element in try node.required("normalizers").elements() {
                steps.append(try NormalizationStep(element))
            }
            self = .steps(steps)
        default:
            self = .steps([try NormalizationStep(node)])
        }
    }

    /// Normalises `range` of `source` into `output`, replacing what that held.
    func normalize(
        _ source: Span<UInt8>,
        in range: Range<Int>,
        into output: inout NormalizedText
    ) {
        switch self {
        case .bert(let normalizer):
            normalizer.normalize(source, in: range, into: &output)
        case .steps(let steps):
            output.copy(source, in: range)
            guard !steps.isEmpty else { return }
            var scratch = NormalizedText()
            for step in steps { step.apply(to: &output, scratch: &scratch) }
        }
    }

    /// Whether a text may be cut before an ASCII white space.
    var isLocal: Bool {
        guard case .steps(let steps) = self else { return true }
        return steps.allSatisfy { step in
            if case .composition = step { true } else { false }
        }
    }
}

extension Normalizer {
    /// Reads a normaliser of type `BertNormalizer`.
    init(_ node: JSONNode) throws(EmbedderError) {
        let lowercases = try node.required("lowercase").bool()
        self.init(
            cleansText: try node.required("clean_text").bool(),
            isolatesIdeographs: try node.required("handle_chinese_chars").bool(),
            stripsAccents: try node.optional("strip_accents")?.bool() ?? lowercases,
            lowercases: lowercases
        )
    }
}
