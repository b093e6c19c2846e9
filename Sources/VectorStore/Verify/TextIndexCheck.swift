import Foundation
import GRDB

/// Compares a full-text index with the texts, word by word and without a copy of either.
///
/// FTS5 keeps no checksums, so a flipped bit can turn one word into another and pass its own check.
/// Here every occurrence (word, chunk, column, place) is hashed and the hashes are added up, once as the
/// index lists them and once as its tokenizer cuts the texts; lengths of rows are compared in the same
/// way, and each word is looked up as a search would do it.
struct TextIndexCheck {
    let db: Database
    let collection: Int64

    private var name: String { "fts_\(collection)" }

    /// Compares.
    ///
    /// - Throws: `corrupted` with the first difference.
    func compare() throws {
        // A text that is damaged has been found as such; without it there is nothing to compare with.
        guard let texts = try sumOfTexts() else { return }
        try compareWords(texts)
        try compareLengths(texts)
    }

    /// What the texts come to.
    private struct Sums {
        var occurrences: UInt64 = 0
        var lengths: UInt64 = 0
        var rows = 0
        var titleWords = 0
        var textWords = 0
    }

    private func sumOfTexts() throws -> Sums? {
        let tokenizer = try db.makeTokenizer(QueryTerms.stemming)
        var sums = Sums()
        var isWhole = true
        try ChunkTexts(db, collection: collection).forEach { key, title, text in
            var counts = [0, 0]
            for (column, words) in [title ?? "", LexicalTable.searchable(text)].enumerated() {
                for (word, flags) in try tokenizer.tokenize(document: words) {
                    precondition(!flags.contains(.colocated), "the tokenizer makes no synonyms")
                    sums.occurrences &+= Self.hash(
                        Array(word.utf8.prefix(Self.wordByteCountMax)),
                        key,
                        column,
                        counts[column]
                    )
                    counts[column] += 1
                }
            }
            sums.lengths &+= Self.hash([], key, counts[0], counts[1])
            sums.rows += 1
            sums.titleWords += counts[0]
            sums.textWords += counts[1]
        } damaged: { _, _ in
            isWhole = false
        }
        return isWhole ? sums : nil
    }

    /// FTS5 cuts longer words.
    private static let wordByteCountMax = 32_768

    private func compareWords(_ texts: Sums) throws {
        try db.execute(
            sql: """
                CREATE VIRTUAL TABLE IF NOT EXISTS temp.places_\(collection)
                    USING fts5vocab(main, \(name), instance);
                CREATE VIRTUAL TABLE IF NOT EXISTS temp.words_\(collection)
                    USING fts5vocab(main, \(name), row);
                """
        )
        defer {
            try? db.execute(
                sql: """
                    DROP TABLE temp.places_\(collection); DROP TABLE temp.words_\(collection)
                    """
            )
        }
        let find = try db.makeStatement(
            sql: "SELECT cnt FROM temp.words_\(collection) WHERE term = ?"
        )
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT CAST(term AS BLOB), doc, col, "offset", term
                FROM temp.places_\(collection)
                """
        )
        var sum: UInt64 = 0
        var word = Data()
        var text = ""
        var count = 0
        func endWord() throws {
            guard count > 0 else { return }
            let found = try Row.fetchOne(find, arguments: [text])?.count(0, "count of a word")
            guard found == count else {
                throw VectorStoreError.corrupted("a word of \(name) is not found where it is")
            }
        }
        while let row = try rows.next() {
            let next = try row.blob(0, "a word")
            if next != word {
                try endWord()
                (word, text, count) = (next, try row.text(4, "a word"), 0)
            }
            count += 1
            let column = try row.text(2, "the column of a word")
            sum &+= Self.hash(
                Array(next),
                try row.integer(1, "the chunk of a word"),
                column == "title" ? 0 : 1,
                try row.count(3, "the place of a word")
            )
        }
        try endWord()
        guard sum == texts.occurrences else {
            throw VectorStoreError.corrupted("the words of \(name) are not those of the texts")
        }
    }

    /// The words of each row, and of all, which the ranking divides by.
    private func compareLengths(_ texts: Sums) throws {
        var sum: UInt64 = 0
        let rows = try Row.fetchCursor(db, sql: "SELECT id, sz FROM \(name)_docsize")
        while let row = try rows.next() {
            let counts = Self.numbers(try row.blob(1, "the length of a row"))
            guard counts.count == 2 else {
                throw VectorStoreError.corrupted("\(name) has a row of \(counts.count) lengths")
            }
            sum &+= Self.hash([], try row.integer(0, "a row's key"), counts[0], counts[1])
        }
        guard sum == texts.lengths else {
            throw VectorStoreError.corrupted("the lengths of \(name) are not those of the texts")
        }
        let totals = try Row.fetchOne(db, sql: "SELECT block FROM \(name)_data WHERE id = 1")
            .map { Self.numbers(try $0.blob(0, "the totals")) }
        guard texts.rows == 0 || totals == [texts.rows, texts.titleWords, texts.textWords] else {
            throw VectorStoreError.corrupted("the totals of \(name) are not those of the texts")
        }
    }

    /// SQLite's variable-length numbers: seven bits a byte, the first ones first.
    private static func numbers(_ bytes: Data) -> [Int] {
        var numbers: [Int] = []
        var number: UInt64 = 0
        for byte in bytes {
            number = number << 7 | UInt64(byte & 0x7f)
            if byte & 0x80 == 0 {
                numbers.append(Int(truncatingIfNeeded: number))
                number = 0
            }
        }
        return numbers
    }

    /// A hash of everything that is given (FNV-1a, mixed at the end as SplitMix64 does).
    private static func hash(_ bytes: [UInt8], _ key: Int64, _ first: Int, _ second: Int) -> UInt64
    {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for number in [key, Int64(first), Int64(second)] {
            hash = (hash ^ UInt64(bitPattern: number)) &* 0xbf58_476d_1ce4_e5b9
            hash ^= hash >> 31
        }
        return hash
    }
}
