import Foundation

/// A document that was checked and coded, so that the commit thread only executes statements.
struct PreparedDocument: Sendable {
    /// Caps on one document.
    enum Limits {
        /// The longest identifier, in UTF-8 bytes.
        static let idByteCount = 512
        /// The longest title and source, in UTF-8 bytes.
        static let titleByteCount = 8_192
        /// The longest text: chunk ranges and SQLite's blobs stay far inside 2 GiB.
        static let textByteCount = 256 << 20
        /// The longest content hash.
        static let hashByteCount = 64
    }

    struct Chunk: Sendable {
        var range: Range<Int>
        var tokenCount: Int
        var textHash: Data
        var words: ChunkWords
        var vector: [Float]
        var vectorBlob: Data
        var tokenCodesBlob: Data?
    }

    var id: String
    var title: String?
    var source: String?
    var metadataJSON: String
    var metadataRows: MetadataRows
    var contentHash: Data
    var byteCount: Int
    var tokenCount: Int
    var segments: [[UInt8]]
    /// `nil`: keep the stored chunks and text.
    var chunks: [Chunk]?

    /// Checks `document` against the collection and codes its parts.
    init(
        _ document: DocumentWrite,
        configuration: CollectionConfiguration
    ) throws(VectorStoreError) {
        try Self.check(document)
        id = document.id
        title = document.title
        source = document.source
        contentHash = Data(document.contentHash)
        byteCount = document.text.utf8.count
        tokenCount = document.tokenCount
        metadataRows = try MetadataRows(document.metadata)
        metadataJSON = try MetadataJSON.encode(document.metadata)
        guard let chunks = document.chunks else {
            segments = []
            return
        }
        let text = Array(document.text.utf8)
        segments = DocumentText.segments(of: text)
        var prepared: [Chunk] = []
        prepared.reserveCapacity(chunks.count)
        let analyzer = TextAnalyzer(configuration.textLanguage)
        for chunk in chunks {
            prepared.append(
                try Self.prepare(
                    chunk,
                    title: title,
                    text: text,
                    analyzer: analyzer,
                    configuration: configuration
                )
            )
        }
        self.chunks = prepared
    }

    private static func check(_ document: DocumentWrite) throws(VectorStoreError) {
        try checkText(document.id, "a document's id", 1...Limits.idByteCount)
        try checkText(document.title ?? "", "a title", 0...Limits.titleByteCount)
        try checkText(document.source ?? "", "a source", 0...Limits.titleByteCount)
        guard document.text.utf8.count <= Limits.textByteCount else {
            throw VectorStoreError(
                .limitExceeded,
                "a text of \(document.text.utf8.count) bytes; \(Limits.textByteCount) at most"
            )
        }
        guard document.contentHash.count <= Limits.hashByteCount, document.tokenCount >= 0 else {
            throw VectorStoreError(
                .invalidArgument,
                "a content hash has \(Limits.hashByteCount) bytes at most, a token count is positive"
            )
        }
    }

    private static func checkText(
        _ text: String,
        _ what: String,
        _ counts: ClosedRange<Int>
    ) throws(VectorStoreError) {
        guard counts.contains(text.utf8.count), !text.utf8.contains(0) else {
            throw VectorStoreError(
                .invalidArgument,
                "\(what) has \(counts.lowerBound) to \(counts.upperBound) bytes and no NUL; "
                    + "this one has \(text.utf8.count)"
            )
        }
    }

    private static func prepare(
        _ chunk: ChunkWrite,
        title: String?,
        text: [UInt8],
        analyzer: TextAnalyzer,
        configuration: CollectionConfiguration
    ) throws(VectorStoreError) -> Chunk {
        let range = chunk.range
        guard !range.isEmpty, range.lowerBound >= 0, range.upperBound <= text.count,
            isBoundary(range.lowerBound, text), isBoundary(range.upperBound, text)
        else {
            throw VectorStoreError(
                .invalidArgument,
                "chunk range \(range) is empty, outside the text's \(text.count) bytes or splits a "
                    + "character"
            )
        }
        guard chunk.textHash.count == 16, chunk.tokenCount >= 0 else {
            throw VectorStoreError(
                .invalidArgument,
                "a chunk's text hash has 16 bytes, not \(chunk.textHash.count)"
            )
        }
        try PreparedEmbedding.check(chunk.vector, chunk.tokenCodes, configuration)
        return Chunk(
            range: range,
            tokenCount: chunk.tokenCount,
            textHash: Data(chunk.textHash),
            words: analyzer.words(
                title: title,
                text: String(decoding: text[range], as: UTF8.self)
            ),
            vector: chunk.vector,
            vectorBlob: Data(StoredBlob.encode(vector: chunk.vector)),
            // Sign bits are close to random: compressing them costs time and gains nothing.
            tokenCodesBlob: chunk.tokenCodes.isEmpty
                ? nil : Data(StoredBlob.encode(chunk.tokenCodes, compress: false))
        )
    }

    private static func isBoundary(_ offset: Int, _ text: [UInt8]) -> Bool {
        offset == text.count || text[offset] & 0xc0 != 0x80
    }
}
