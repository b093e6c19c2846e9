import GRDB

extension Collection {
    /// The most hits that one search gives.
    public static let hitCountMax = 10_000

    /// The beam width of a search that does not name one: recall 0.98 at 100,000 sentence embeddings.
    public static let expansionDefault = 64

    /// The beam width of a filtered search that does not name one.
    ///
    /// Wider, since filters are there to be relied on: see docs/BENCHMARKS.md for the recall.
    public static let filteredExpansionDefault = 128

    /// Words of a query past this many are left out: each costs a walk over its postings.
    static let queryWordCountMax = 64

    /// The live chunks of the documents that `filter` selects, with their exact count.
    ///
    /// - Throws: `invalidArgument` or `limitExceeded` when the filter does not validate.
    public func select(_ filter: Filter) throws(VectorStoreError) -> Selection {
        try filter.validate()
        try checkNotDropped()
        let source = MetadataSource(collection: id, file: file)
        if let selection = metadata.select(filter, from: source) { return selection }
        return try selectBySQL(filter)
    }

    /// What `select` gives, without the metadata in memory.
    package func selectBySQL(_ filter: Filter) throws(VectorStoreError) -> Selection {
        try read("filtering") { db in
            try DocumentReader(db, collection: id).selection(filter)
        }
    }

    /// The chunks whose vectors are nearest to `vector`, best first.
    ///
    /// - Parameters:
    ///   - vector: `dimension` finite elements; scaled to unit length here when the metric is cosine.
    ///   - count: how many hits, 1 to `hitCountMax`; fewer come only when fewer chunks exist.
    ///   - expansion: the beam width of the graph search (`ef` in the paper), at least `count`;
    ///     `nil` for the larger of `count` and `expansionDefault`, or `filteredExpansionDefault` with a
    ///     selection.
    ///   - exact: whether every vector is measured instead.
    ///   - selection: the chunks that count; `nil` for all.
    /// - Returns: hits with the metric's score: cosine, inner product, or negated distance.
    /// - Throws: `dimensionMismatch`, `notFinite`, `invalidArgument`, `notFound` when dropped; `io`
    ///   when vectors are on disk and cannot be read.
    public func searchDense(
        _ vector: [Float],
        count: Int,
        expansion: Int? = nil,
        exact: Bool = false,
        selection: Selection? = nil
    ) throws(VectorStoreError) -> [ChunkHit] {
        try configuration.check(vector: vector)
        try Self.check(count: count)
        let usual = selection == nil ? Self.expansionDefault : Self.filteredExpansionDefault
        let beam = expansion ?? max(count, usual)
        guard (count...max(count, Self.hitCountMax)).contains(beam) else {
            throw VectorStoreError(
                .invalidArgument,
                "expansion must be in \(count)...\(Self.hitCountMax), not \(beam)"
            )
        }
        try checkNotDropped()
        let neighbors = try index.search(
            vector,
            count: count,
            expansion: beam,
            exact: exact,
            selection: selection
        )
        return neighbors.map { neighbor in
            ChunkHit(
                key: neighbor.key,
                score: configuration.metric.score(ofDistance: neighbor.distance)
            )
        }
    }

    /// The chunks that hold any of the words of `text`, by BM25, best first.
    ///
    /// - Parameters:
    ///   - text: anything; it is split into words as the index splits text, and the first 64
    ///     different ones count. A text without words finds nothing.
    ///   - count: how many hits, 1 to `hitCountMax`.
    ///   - selection: the chunks that count; `nil` for all.
    /// - Returns: hits with positive scores.
    /// - Throws: `invalidArgument`, `corrupted`, `io`, `notFound` when dropped.
    public func searchLexical(
        _ text: String,
        count: Int,
        selection: Selection? = nil
    ) throws(VectorStoreError) -> [ChunkHit] {
        try Self.check(count: count)
        try checkNotDropped()
        let words = TextAnalyzer(configuration.textLanguage)
            .queryWords(text, countMax: Self.queryWordCountMax)
        guard let snapshot = lexical.snapshot(of: words) else {
            return try searchWithoutTextIndex(text, count: count, selection: selection)
        }
        return snapshot.search(count: count, selection: selection)
    }

    /// The BM25 scores of given chunks for the words of `text`, 0 for a chunk that has none of them.
    ///
    /// Chunks that are gone are left out, and all are while the full-text index is made in the background.
    ///
    /// - Throws: `notFound` when dropped.
    public func lexicalScores(
        _ text: String,
        of keys: [ChunkKey]
    ) throws(VectorStoreError) -> [ChunkKey: Float] {
        try checkNotDropped()
        let words = TextAnalyzer(configuration.textLanguage)
            .queryWords(text, countMax: Self.queryWordCountMax)
        return lexical.snapshot(of: words)?.scores(of: keys) ?? [:]
    }

    private static func check(count: Int) throws(VectorStoreError) {
        guard (1...hitCountMax).contains(count) else {
            throw VectorStoreError(
                .invalidArgument,
                "count must be in 1...\(hitCountMax), not \(count)"
            )
        }
    }
}
