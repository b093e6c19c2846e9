import Foundation
import GRDB

/// A document's text in compressed segments at exact byte offsets.
///
/// A range is read from the one or two segments that it touches, however long the document is.
enum DocumentText {
    /// Long enough to compress well, short enough that a chunk costs little to read.
    static let segmentByteCount = 64 << 10

    /// The blobs of a text, in order; none for an empty text.
    static func segments(of text: [UInt8]) -> [[UInt8]] {
        stride(from: 0, to: text.count, by: segmentByteCount).map { start in
            let end = min(start + segmentByteCount, text.count)
            return StoredBlob.encode(Array(text[start..<end]))
        }
    }

    static func write(_ db: Database, document: Int64, segments: [[UInt8]]) throws {
        let insert = try db.cachedStatement(sql: "INSERT INTO document_text VALUES (?, ?, ?)")
        for (index, segment) in segments.enumerated() {
            try insert.execute(arguments: [document, index, Data(segment)])
        }
    }

    static func delete(_ db: Database, document: Int64) throws {
        try db.cachedStatement(sql: "DELETE FROM document_text WHERE document_key = ?")
            .execute(arguments: [document])
    }

    /// The whole text of a document of `byteCount` bytes.
    ///
    /// - Throws: `corrupted` when the segments hold more or less than that.
    static func read(_ db: Database, document: Int64, byteCount: Int) throws -> [UInt8] {
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT count(*) FROM document_text WHERE document_key = ?"),
            arguments: [document]
        )
        let segmentCount = (byteCount + segmentByteCount - 1) / segmentByteCount
        guard try row?.count(0, "count of segments") == segmentCount else {
            throw VectorStoreError.corrupted(
                "document_text of document \(document) has not the segments of \(byteCount) bytes"
            )
        }
        let bytes = try read(
            db,
            document: document,
            range: 0..<segmentCount * segmentByteCount,
            isWhole: true
        )
        guard bytes.count == byteCount else {
            throw VectorStoreError.corrupted(
                "document_text of document \(document) has \(bytes.count) bytes, not \(byteCount)"
            )
        }
        return bytes
    }

    /// The bytes of `range`.
    ///
    /// - Throws: `corrupted` when a segment is missing, damaged or of another size.
    static func read(_ db: Database, document: Int64, range: Range<Int>) throws -> [UInt8] {
        try read(db, document: document, range: range, isWhole: false)
    }

    /// The bytes of `range`, which may reach past the end of the last segment of a whole text.
    private static func read(
        _ db: Database,
        document: Int64,
        range: Range<Int>,
        isWhole: Bool
    ) throws -> [UInt8] {
        guard !range.isEmpty else { return [] }
        let first = range.lowerBound / segmentByteCount
        let last = (range.upperBound - 1) / segmentByteCount
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT data FROM document_text
                    WHERE document_key = ? AND segment BETWEEN ? AND ? ORDER BY segment
                    """
            ),
            arguments: [document, first, last]
        )
        var bytes: [UInt8] = []
        var segment = first
        while let row = try rows.next() {
            let what = "document_text of document \(document), segment \(segment)"
            let content = try row.withUnsafeData(atIndex: 0) { data in
                try StoredBlob.decode(
                    (data ?? Data()).span,
                    countMax: segmentByteCount,
                    what
                )
            }
            guard segment == last || content.count == segmentByteCount else {
                throw VectorStoreError.corrupted("\(what) is short")
            }
            bytes += content
            segment += 1
        }
        if isWhole, segment == last + 1 { return bytes }
        let start = range.lowerBound - first * segmentByteCount
        guard segment == last + 1, bytes.count >= start + range.count else {
            throw VectorStoreError.corrupted(
                "document_text of document \(document) ends before byte \(range.upperBound)"
            )
        }
        return Array(bytes[start..<start + range.count])
    }

    /// The bytes of `range` as text.
    static func readString(_ db: Database, document: Int64, range: Range<Int>) throws -> String {
        try string(try read(db, document: document, range: range)[...], document: document)
    }

    /// Bytes of a document's text as text.
    static func string(
        _ bytes: ArraySlice<UInt8>,
        document: Int64
    ) throws(VectorStoreError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .corrupted("the text of document \(document) is not UTF-8 where a chunk ends")
        }
        return text
    }
}
