import Foundation
import GRDB

/// A document's metadata as rows that SQLite can index: one row a scalar.
///
/// Objects become dotted paths, arrays one row an element, so `{"author": [{"name": "Ada"}]}` is the
/// row `author.name` = `Ada`. A key that holds an array or an object also has a row of kind
/// `container`, so that an empty one exists. Strings are kept as blobs: they compare by bytes and may
/// hold any character. Within a kind, SQLite's comparison is the filter's.
struct MetadataRows: Sendable {
    /// The first column of a comparison: values of two kinds are never equal nor ordered.
    enum Kind: Int64 {
        case null = 0
        case bool = 1
        case number = 2
        case string = 3
        case container = 4
    }

    /// Caps on one document's metadata: enough for any catalogue, little enough to index.
    enum Limits {
        /// How deep arrays and objects may nest.
        static let depth = 16
        /// How many rows it may make.
        static let rowCount = 2_048
        /// The longest path and the longest string that is indexed, in UTF-8 bytes.
        static let byteCount = 65_536
    }

    private struct Entry {
        var key: String
        var kind: Kind
        var value: DatabaseValue
        var isElement: Bool
    }

    private var entries: [Entry] = []

    /// Flattens `metadata`.
    ///
    /// - Throws: `invalidArgument` for an empty key, one with a NUL, or a number that is not finite;
    ///   `limitExceeded` past `Limits`.
    init(_ metadata: [String: MetadataValue]) throws(VectorStoreError) {
        for (key, value) in metadata {
            try add(value, path: try Self.checked(key), isElement: false, depth: 0)
        }
    }

    /// Replaces the rows of a document by these.
    func write(_ db: Database, collection: Int64, document: Int64) throws {
        try Self.delete(db, document: document)
        let insert = try db.cachedStatement(
            sql: "INSERT OR IGNORE INTO metadata VALUES (?, ?, ?, ?, ?, ?)"
        )
        for entry in entries {
            try insert.execute(arguments: [
                collection, entry.key, entry.kind.rawValue, entry.value, entry.isElement, document,
            ])
        }
    }

    /// What they have at a key.
    func entries(at key: MetadataKey) -> [MetadataEntry] {
        entries.compactMap { entry in
            guard entry.key.utf8.elementsEqual(key.bytes),
                let scalar = MetadataScalar(kind: entry.kind.rawValue, entry.value)
            else { return nil }
            return MetadataEntry(scalar: scalar, isElement: entry.isElement)
        }
    }

    /// Whether the rows of a document are these.
    func areStored(_ db: Database, collection: Int64, document: Int64) throws -> Bool {
        let stored = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT key, kind, value, is_element FROM metadata
                    WHERE document_key = ? AND collection_id = ?
                    """
            ),
            arguments: [document, collection]
        )
        let found = try stored.map { row -> [DatabaseValue] in
            _ = try row.text(0, "metadata.key")
            return (0..<4).map { row[$0] }
        }
        let wanted = entries.map { entry in
            [
                entry.key.databaseValue, entry.kind.rawValue.databaseValue, entry.value,
                entry.isElement.databaseValue,
            ]
        }
        return found.count == Set(wanted).count && Set(found) == Set(wanted)
    }

    static func delete(_ db: Database, document: Int64) throws {
        try db.cachedStatement(sql: "DELETE FROM metadata WHERE document_key = ?")
            .execute(arguments: [document])
    }

    /// The kind and the stored form of a scalar, or `nil` for an array or object.
    static func scalar(_ value: MetadataValue) -> (kind: Kind, value: DatabaseValue)? {
        switch value {
        case .null: (.null, 0.databaseValue)
        case .bool(let value): (.bool, value.databaseValue)
        case .integer(let value): (.number, value.databaseValue)
        case .number(let value): (.number, value.databaseValue)
        case .string(let value): (.string, Data(value.utf8).databaseValue)
        case .array, .object: nil
        }
    }

    private mutating func add(
        _ value: MetadataValue,
        path: String,
        isElement: Bool,
        depth: Int
    ) throws(VectorStoreError) {
        guard depth < Limits.depth, entries.count < Limits.rowCount else {
            throw VectorStoreError(
                .limitExceeded,
                "metadata may nest \(Limits.depth) deep and hold \(Limits.rowCount) values at most"
            )
        }
        if let (kind, stored) = Self.scalar(value) {
            try Self.check(value, path: path)
            entries.append(Entry(key: path, kind: kind, value: stored, isElement: isElement))
            return
        }
        entries.append(
            Entry(key: path, kind: .container, value: 0.databaseValue, isElement: isElement)
        )
        switch value {
        case .array(let elements):
            for element in elements {
                try add(element, path: path, isElement: true, depth: depth + 1)
            }
        case .object(let members):
            for (key, member) in members {
                let inner = path + "." + (try Self.checked(key))
                try add(member, path: inner, isElement: false, depth: depth + 1)
            }
        case .null, .bool, .integer, .number, .string:
            break
        }
    }

    private static func check(
        _ value: MetadataValue,
        path: String
    ) throws(VectorStoreError) {
        switch value {
        case .number(let number) where !number.isFinite:
            throw VectorStoreError(.notFinite, "metadata \"\(path)\" is not a finite number")
        case .string(let text) where text.utf8.count > Limits.byteCount:
            throw VectorStoreError(
                .limitExceeded,
                "metadata \"\(path)\" has \(text.utf8.count) bytes; \(Limits.byteCount) at most"
            )
        default:
            break
        }
    }

    private static func checked(_ key: String) throws(VectorStoreError) -> String {
        guard !key.isEmpty, !key.utf8.contains(0), key.utf8.count <= 4_096 else {
            throw VectorStoreError(
                .invalidArgument,
                "a metadata key has 1 to 4096 bytes and no NUL"
            )
        }
        return key
    }
}
