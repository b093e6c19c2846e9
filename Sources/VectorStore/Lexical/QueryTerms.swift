import GRDB

/// The words of a query, split and folded as the index splits and folds text.
struct QueryTerms {
    /// A word: only letters, digits and the like, so that it can stand in an FTS5 pattern in quotes.
    struct Term {
        /// As typed, folded.
        var word: String
        /// As indexed.
        var stem: String
    }

    /// The words in order, each stem once.
    private(set) var terms: [Term] = []

    /// Longer queries are cut: each word costs a walk over its list of rows.
    static let countMax = 64

    init(_ text: String, _ db: Database) throws {
        let words = try db.makeTokenizer(Self.splitting).tokenize(query: text)
        let stemmer = try db.makeTokenizer(Self.stemming)
        var seen: Set<String> = []
        for (word, _) in words where terms.count < Self.countMax {
            // A quote cannot be part of a word; were it one, the pattern would not be ours.
            guard !word.utf8.contains(0x22), !word.utf8.contains(0),
                let stem = try stemmer.tokenize(query: word).first?.token,
                seen.insert(stem).inserted
            else { continue }
            terms.append(Term(word: word, stem: stem))
        }
    }

    private static let splitting = FTS5TokenizerDescriptor(
        components: ["unicode61", "remove_diacritics", "2"]
    )
    /// How texts are split, folded and stemmed.
    static let stemming = FTS5TokenizerDescriptor(
        components: ["porter", "unicode61", "remove_diacritics", "2"]
    )
}
