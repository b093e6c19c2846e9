import GRDB
import Synchronization

/// A collection's full-text index: an FTS5 table without content, one row a chunk.
///
/// FTS5 keeps no text, since `document_text` has it compressed; so removing a row takes the text that
/// was indexed. Ranking is Okapi BM25 as FTS5 computes it (k1 = 1.2, b = 0.75), over Porter stems of
/// words split and folded by `unicode61`.
///
/// Thread safety: statements run on the caller's connection; the cached frequencies are behind a lock.
final class LexicalTable: Sendable {
    let name: String
    private let frequencies = Mutex(TermFrequencies())

    init(collection: Int64) {
        name = "fts_\(collection)"
    }

    // MARK: - Writing

    func create(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE VIRTUAL TABLE \(name) USING fts5(
                    title, text, content='', tokenize='porter unicode61 remove_diacritics 2'
                );
                CREATE VIRTUAL TABLE \(name)_terms USING fts5vocab(\(name), row);
                """
        )
    }

    func drop(_ db: Database) throws {
        try db.execute(sql: "DROP TABLE IF EXISTS \(name)_terms; DROP TABLE IF EXISTS \(name)")
    }

    /// Removes all rows without looking at them, damaged ones too.
    func clear(_ db: Database) throws {
        // The version of the format, without which FTS5 does not open the table.
        try db.execute(sql: "INSERT OR REPLACE INTO \(name)_config VALUES ('version', 4)")
        try db.execute(sql: "INSERT INTO \(name)(\(name)) VALUES ('delete-all')")
        frequencies.withLock { $0 = TermFrequencies() }
    }

    /// Has FTS5 check its own structure.
    ///
    /// - Throws: what it finds.
    func check(_ db: Database) throws {
        try db.execute(sql: "INSERT INTO \(name)(\(name)) VALUES ('integrity-check')")
    }

    func insert(_ db: Database, key: ChunkKey, title: String?, text: String) throws {
        try db.cachedStatement(sql: "INSERT INTO \(name)(rowid, title, text) VALUES (?, ?, ?)")
            .execute(arguments: [key, title, Self.searchable(text)])
    }

    /// Removes a row; `title` and `text` have to be what was inserted.
    func delete(_ db: Database, key: ChunkKey, title: String?, text: String) throws {
        try db.cachedStatement(
            sql: "INSERT INTO \(name)(\(name), rowid, title, text) VALUES ('delete', ?, ?, ?)"
        ).execute(arguments: [key, title, Self.searchable(text)])
    }

    /// SQLite ends a bound text at the first NUL; the words behind it are to be found too.
    static func searchable(_ text: String) -> String {
        guard text.utf8.contains(0) else { return text }
        return String(decoding: text.utf8.map { $0 == 0 ? 0x20 : $0 }, as: UTF8.self)
    }

    // MARK: - Searching

    /// The `count` best rows for any of the words of `text`, best first.
    func search(
        _ db: Database,
        _ text: String,
        count: Int,
        selection: Selection?,
        rowCount: Int
    ) throws -> [ChunkHit] {
        let terms = try telling(QueryTerms(text, db).terms, db, rowCount: rowCount)
        guard !terms.isEmpty else { return [] }
        let pattern = terms.map { "\"\($0.word)\"" }.joined(separator: " OR ")
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: "SELECT rowid, rank FROM \(name) WHERE \(name) MATCH ? ORDER BY rank LIMIT ?"
            ),
            // FTS5 sorts all matches anyway, so a selection is applied to them as they come.
            arguments: [pattern, selection == nil ? count : -1]
        )
        var hits: [ChunkHit] = []
        while hits.count < count, let row = try rows.next() {
            let key = try row.integer(0, "\(name).rowid")
            guard selection?.contains(key) ?? true else { continue }
            guard let rank = Double.fromDatabaseValue(row[1]) else {
                throw VectorStoreError.corrupted("\(name) gives row \(key) no rank")
            }
            hits.append(ChunkHit(key: key, score: Float(-rank)))
        }
        return hits
    }

    /// Leaves out the words that more than half of the rows hold.
    ///
    /// FTS5 gives such a word the weight 1e-6 (its inverse document frequency would be negative), so
    /// it cannot change the order of rows that hold another word; but reading its list of rows is
    /// what makes a search slow. When there is no other word, the rarest is searched alone.
    private func telling(
        _ terms: [QueryTerms.Term],
        _ db: Database,
        rowCount: Int
    ) throws -> [QueryTerms.Term] {
        guard rowCount >= Self.rowCountForPruning else { return terms }
        var telling: [QueryTerms.Term] = []
        var rarest: (term: QueryTerms.Term, frequency: Int)?
        for term in terms {
            let frequency = try frequency(of: term.stem, db, rowCount: rowCount)
            if frequency * 2 <= rowCount { telling.append(term) }
            if frequency > 0, frequency < rarest?.frequency ?? .max { rarest = (term, frequency) }
        }
        return telling.isEmpty ? rarest.map { [$0.term] } ?? [] : telling
    }

    /// Below this many rows every word is searched: there is no time to be won.
    private static let rowCountForPruning = 2_000

    private func frequency(of stem: String, _ db: Database, rowCount: Int) throws -> Int {
        if let known = frequencies.withLock({ $0.frequency(of: stem, rowCount: rowCount) }) {
            return known
        }
        // Walks the word's list of rows once: hence the cache.
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT doc FROM \(name)_terms WHERE term = ?"),
            arguments: [stem]
        )
        let frequency = try row?.count(0, "\(name)_terms.doc") ?? 0
        frequencies.withLock { $0.remember(frequency, of: stem, rowCount: rowCount) }
        return frequency
    }
}

/// How many rows hold a word, remembered while the table keeps about the same size.
private struct TermFrequencies {
    private var frequencies: [String: Int] = [:]
    private var rowCount = 0

    /// Enough for the common words of several languages; rare ones are cheap to look up again.
    private static let countMax = 16_384

    func frequency(of stem: String, rowCount now: Int) -> Int? {
        isCurrent(now) ? frequencies[stem] : nil
    }

    mutating func remember(_ frequency: Int, of stem: String, rowCount now: Int) {
        if !isCurrent(now) || frequencies.count >= Self.countMax {
            frequencies = [:]
            rowCount = now
        }
        frequencies[stem] = frequency
    }

    /// A table that grew or shrank by less than an eighth has about the same common words.
    private func isCurrent(_ now: Int) -> Bool {
        abs(now - rowCount) <= rowCount / 8
    }
}
