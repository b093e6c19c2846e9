/// The tokens that a tokenizer file lists beside the model's own, the special ones among them.
///
/// Thread safety: immutable.
struct AddedVocabulary: Sendable {
    /// Finds the tokens that are looked for in the text as it was written.
    let verbatim: AddedTokenMatcher
    /// Finds the tokens that are looked for in the normalised text.
    let normalized: AddedTokenMatcher
    private let tokens: [Int32: AddedToken]
    /// How the tokens of `normalized` read after normalisation.
    private let normalizedContents: [Int32: String]
    private let ids: [[UInt8]: Int32]

    /// How many of the tokens the model's vocabulary does not have.
    let additionalCount: Int
    /// One more than the largest id.
    var idCount: Int { Int(tokens.keys.max() ?? -1) + 1 }

    /// Reads `added_tokens`, which must agree with the vocabulary.
    init(
        _ node: JSONNode?,
        vocabulary: Vocabulary,
        normalizer: TextNormalizer
    ) throws(EmbedderError) {
        var tokens: [Int32: AddedToken] = [:]
        var ids: [[UInt8]: Int32] = [:]
        var ordered: [AddedToken] = []
        for element in try node?.elements() ?? [] {
            let token = try AddedToken(element)
            try Self.check(token, against: vocabulary, at: element)
            guard tokens.updateValue(token, forKey: token.id) == nil else {
                throw element.failure("has the id \(token.id) of another added token")
            }
            guard ids.updateValue(token.id, forKey: Array(token.content.utf8)) == nil else {
                throw element.failure("repeats \(token.content.debugDescription)")
            }
            ordered.append(token)
        }
        self.tokens = tokens
        self.ids = ids
        additionalCount = ordered.count { vocabulary.token(id: $0.id) == nil }
        let verbatim = ordered.filter { !$0.isNormalized }
        self.verbatim = AddedTokenMatcher(
            verbatim,
            patterns: verbatim.map { Array($0.content.utf8) }
        )
        let normalized = ordered.filter(\.isNormalized)
        let patterns = try Self.patterns(of: normalized, normalizer, at: node)
        normalizedContents = Dictionary(
            uniqueKeysWithValues: zip(normalized, patterns).map {
                ($0.id, String(decoding: $1, as: UTF8.self))
            }
        )
        self.normalized = Self.matcher(normalized, patterns: patterns)
    }

    private static func check(
        _ token: AddedToken,
        against vocabulary: Vocabulary,
        at node: JSONNode
    ) throws(EmbedderError) {
        if let id = vocabulary.id(token: token.content), id != token.id {
            throw node.failure(
                "has id \(token.id), but \(token.content.debugDescription) is \(id) in the vocabulary"
            )
        }
        if let other = vocabulary.token(id: token.id), !other.utf8.elementsEqual(token.content.utf8)
        {
            throw node.failure("has id \(token.id), which is \(other.debugDescription)")
        }
    }

    /// The tokens' contents in normalised form.
    private static func patterns(
        of tokens: [AddedToken],
        _ normalizer: TextNormalizer,
        at node: JSONNode?
    ) throws(EmbedderError) -> [[UInt8]] {
        var patterns: [[UInt8]] = []
        var text = NormalizedText()
        for token in tokens {
            let bytes = Array(token.content.utf8)
            normalizer.normalize(bytes.span, in: 0..<bytes.count, into: &text)
            guard !text.bytes.isEmpty else {
                let problem = "holds \(token.content.debugDescription), which normalises to nothing"
                throw node?.failure(problem) ?? EmbedderError(.invalidModel, problem)
            }
            patterns.append(text.bytes)
        }
        return patterns
    }

    /// Of tokens that are written the same the first is found, as in the reference.
    private static func matcher(_ tokens: [AddedToken], patterns: [[UInt8]]) -> AddedTokenMatcher {
        var seen: Set<[UInt8]> = []
        let kept = tokens.indices.filter { seen.insert(patterns[$0]).inserted }
        return AddedTokenMatcher(kept.map { tokens[$0] }, patterns: kept.map { patterns[$0] })
    }

    /// The content of the added token with this id, normalised when it is looked for so.
    func content(id: Int32) -> String? {
        normalizedContents[id] ?? tokens[id]?.content
    }

    /// Whether the id is that of a special token.
    func isSpecial(id: Int32) -> Bool {
        tokens[id]?.isSpecial ?? false
    }

    /// The id of the added token that is written so.
    func id(token: String) -> Int32? {
        ids[Array(token.utf8)]
    }
}
