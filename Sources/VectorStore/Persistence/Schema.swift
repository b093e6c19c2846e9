import GRDB

/// The tables, as numbered migrations.
///
/// A released migration is never edited: add the next one.
enum Schema {
    /// Marks the file as ragd's (`PRAGMA application_id`): "ragd" in ASCII.
    static let applicationID = 0x7261_6764

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(sql: tables)
        }
        migrator.registerMigration("2") { db in
            try db.execute(sql: textCheckpoints)
            try dropWordTables(db)
        }
        return migrator
    }

    /// Conventions: `key` columns are ours and never reused, `id` columns are the caller's;
    /// `position` is the write of the collection's log that made the row; times are milliseconds
    /// since 1970; every blob named `data` is a `StoredBlob`.
    private static let tables = """
        CREATE TABLE collections (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            -- NULL: dropped, rows being removed.
            name TEXT UNIQUE,
            configuration TEXT NOT NULL,
            -- The last write of its log.
            position INTEGER NOT NULL DEFAULT 0,
            -- The last write that the graph checkpoint covers; 0 without one.
            checkpoint_position INTEGER NOT NULL DEFAULT 0,
            -- Sums over its rows, kept by every write; verify() recounts them.
            document_count INTEGER NOT NULL DEFAULT 0,
            chunk_count INTEGER NOT NULL DEFAULT 0,
            text_byte_count INTEGER NOT NULL DEFAULT 0,
            vector_byte_count INTEGER NOT NULL DEFAULT 0,
            token_code_byte_count INTEGER NOT NULL DEFAULT 0,
            created_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE documents (
            key INTEGER PRIMARY KEY AUTOINCREMENT,
            collection_id INTEGER NOT NULL REFERENCES collections(id),
            id TEXT NOT NULL,
            title TEXT,
            source TEXT,
            metadata TEXT NOT NULL,
            content_hash BLOB NOT NULL,
            byte_count INTEGER NOT NULL,
            token_count INTEGER NOT NULL,
            chunk_count INTEGER NOT NULL,
            position INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            UNIQUE (collection_id, id)
        ) STRICT;

        -- The text in segments of 64 KiB at exact byte offsets, so that a chunk's text is read from
        -- one or two of them however long the document is.
        CREATE TABLE document_text (
            document_key INTEGER NOT NULL REFERENCES documents(key),
            segment INTEGER NOT NULL,
            data BLOB NOT NULL,
            PRIMARY KEY (document_key, segment)
        ) STRICT;

        CREATE TABLE chunks (
            key INTEGER PRIMARY KEY AUTOINCREMENT,
            collection_id INTEGER NOT NULL REFERENCES collections(id),
            document_key INTEGER NOT NULL REFERENCES documents(key),
            ordinal INTEGER NOT NULL,
            start_byte INTEGER NOT NULL,
            end_byte INTEGER NOT NULL,
            token_count INTEGER NOT NULL,
            text_hash BLOB NOT NULL,
            position INTEGER NOT NULL,
            UNIQUE (document_key, ordinal)
        ) STRICT;
        CREATE INDEX chunks_by_collection ON chunks(collection_id);
        -- Both columns: by the hash alone, SQLite would rather read all chunks of the collection to
        -- find one text in it.
        CREATE INDEX chunks_by_text ON chunks(text_hash, collection_id);

        CREATE TABLE vectors (
            chunk_key INTEGER PRIMARY KEY REFERENCES chunks(key) ON DELETE CASCADE,
            data BLOB NOT NULL
        ) STRICT;

        CREATE TABLE token_codes (
            chunk_key INTEGER PRIMARY KEY REFERENCES chunks(key) ON DELETE CASCADE,
            data BLOB NOT NULL
        ) STRICT;

        -- One row a scalar of the metadata, for filters; see MetadataRows.
        CREATE TABLE metadata (
            collection_id INTEGER NOT NULL,
            key TEXT NOT NULL,
            kind INTEGER NOT NULL,
            value ANY NOT NULL,
            is_element INTEGER NOT NULL,
            document_key INTEGER NOT NULL,
            PRIMARY KEY (collection_id, key, kind, value, is_element, document_key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX metadata_by_document ON metadata(document_key);

        -- The log's deletions since the checkpoint, of chunks that it has.
        CREATE TABLE tombstones (
            collection_id INTEGER NOT NULL,
            chunk_key INTEGER NOT NULL,
            position INTEGER NOT NULL,
            PRIMARY KEY (collection_id, chunk_key)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE graph_checkpoints (
            collection_id INTEGER NOT NULL REFERENCES collections(id),
            position INTEGER NOT NULL,
            part INTEGER NOT NULL,
            data BLOB NOT NULL,
            PRIMARY KEY (collection_id, position, part)
        ) STRICT;
        """

    private static let textCheckpoints = """
        CREATE TABLE text_checkpoints (
            collection_id INTEGER NOT NULL REFERENCES collections(id),
            position INTEGER NOT NULL,
            part INTEGER NOT NULL,
            data BLOB NOT NULL,
            PRIMARY KEY (collection_id, part)
        ) STRICT;
        """

    /// Drops the FTS5 tables that version 1 kept words in: the first start makes the index from the texts.
    ///
    /// One that is too damaged to be dropped stays; nothing reads it.
    private static func dropWordTables(_ db: Database) throws {
        let rows = try Row.fetchAll(db, sql: "SELECT id FROM collections")
        for row in rows {
            let name = "fts_\(try row.integer(0, "collections.id"))"
            try db.inSavepoint {
                do {
                    // The version of the format, without which FTS5 does not open a table.
                    try db.execute(
                        sql: """
                            INSERT OR REPLACE INTO \(name)_config VALUES ('version', 4);
                            DROP TABLE IF EXISTS \(name)_terms;
                            DROP TABLE IF EXISTS \(name);
                            """
                    )
                    return .commit
                } catch {
                    return .rollback
                }
            }
        }
    }
}
