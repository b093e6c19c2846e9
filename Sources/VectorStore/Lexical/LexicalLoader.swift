import GRDB

/// Brings a collection's full-text index into memory: the checkpoint, then the documents that were
/// written after it.
///
///     checkpoint whole ──────────── documents since ─────────> index serves
///     none, little text ─────────── all documents ───────────> index serves
///     none or damaged, much text ── searches read the texts ── background build ─> index serves
struct LexicalLoader {
    let id: Int64
    let language: TextLanguage
    let damaged: DamageLog

    /// The most chunks that are read before a start ends: about half a second's worth.
    private static let readCountMax = 5_000

    /// What was read.
    struct Loaded {
        var index: LexicalIndex
        /// Whether what is stored lacks changes of the index, or is to be written anew.
        var isChanged = false
        /// Whether the index has to be made in the background.
        var isMissing = false
    }

    /// Loads the index as of `position`, the last write of the snapshot that `db` reads.
    ///
    /// A damaged checkpoint is noted, and the index made again.
    func load(_ db: Database, position: Int64) throws -> Loaded {
        let chunkCount = try count(db, "SELECT count(*) FROM chunks WHERE collection_id = ?", [id])
        if let (written, state) = checkpoint(db) {
            if written == position, state.count == chunkCount {
                return Loaded(index: LexicalIndex(state))
            }
            let newCount = try count(
                db,
                """
                SELECT coalesce(sum(chunk_count), 0) FROM documents
                WHERE collection_id = ? AND position > ?
                """,
                [id, written]
            )
            if newCount <= max(Self.readCountMax, chunkCount / 10) {
                return Loaded(
                    index: LexicalIndex(try replay(db, on: state, after: written)),
                    isChanged: true
                )
            }
        }
        guard chunkCount <= Self.readCountMax else {
            return Loaded(index: LexicalIndex(), isChanged: true, isMissing: true)
        }
        return Loaded(index: LexicalIndex(try build(db)), isChanged: chunkCount > 0)
    }

    /// Makes the index from all texts; those that are damaged are noted and left out.
    ///
    /// Ends with `closed` when it is not wanted any more.
    func build(_ db: Database, while isWanted: () -> Bool = { true }) throws -> LexicalState {
        var state = LexicalState()
        let analyzer = TextAnalyzer(language)
        try forEachText(db, after: -1) { key, title, text in
            let words = analyzer.words(title: title, text: text)
            state.apply(LexicalChange(inserted: [(key, words)]))
            // What is fresh takes several times the memory of what is packed.
            if state.fresh.count >= Self.freshCountMax { state = state.packed() }
            guard isWanted() else { throw VectorStoreError(.closed, "the store is closing") }
        }
        return state.packed()
    }

    private static let freshCountMax = 32_768

    /// The stored index, unless there is none that can be used.
    private func checkpoint(_ db: Database) -> (position: Int64, state: LexicalState)? {
        do {
            guard let (position, image) = try LexicalCheckpoint.read(db, collection: id),
                image.analysis == TextAnalyzer.fingerprint(language)
            else { return nil }
            return (position, image.state)
        } catch {
            let reason = VectorStoreError(database: error, while: "reading the full-text index")
            damaged.note(.textIndex, at: .collection, reason)
            return nil
        }
    }

    private func replay(
        _ db: Database,
        on stored: LexicalState,
        after position: Int64
    ) throws -> LexicalState {
        var state = stored
        var keys: Set<ChunkKey> = []
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT key FROM chunks WHERE collection_id = ?",
            arguments: [id]
        )
        while let row = try rows.next() { keys.insert(try row.integer(0, "chunks.key")) }
        // Without their words: their texts are gone.
        state.remove(state.baseKeys.filter { !keys.contains($0) }.map { ($0, nil) })
        let analyzer = TextAnalyzer(language)
        var change = LexicalChange()
        try forEachText(db, after: position) { key, title, text in
            change.removed.append((key, nil))
            change.inserted.append((key, analyzer.words(title: title, text: text)))
        }
        state.apply(change)
        return state
    }

    private func forEachText(
        _ db: Database,
        after position: Int64,
        _ body: (ChunkKey, String?, String) throws -> Void
    ) throws {
        try ChunkTexts(db, collection: id, after: position).forEach(body) { document, reason in
            damaged.note(.text, at: .document(document), reason)
        }
    }

    private func count(
        _ db: Database,
        _ sql: String,
        _ arguments: StatementArguments
    ) throws -> Int {
        try Row.fetchOne(db, sql: sql, arguments: arguments)?.count(0, "a count") ?? 0
    }
}
