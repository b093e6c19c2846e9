import GRDB
import Synchronization

extension Collection {
    /// Which index answers searches now; costs no read.
    public var indexState: CollectionStatistics.IndexState { index.indexState }

    /// How many chunks the index holds, and the memory that it takes; costs no read.
    public var indexSize: (chunkCount: Int, byteCount: Int) {
        (index.count, index.byteCounts.total)
    }

    /// The metadata in memory, for filters: the keys that are there, and the bytes that they take; costs no
    /// read.
    public var metadataSize: (keys: [String], byteCount: Int) {
        (metadata.keys, metadata.byteCount)
    }

    /// The share of a sample of stored vectors that a search for them found when the index was last saved.
    ///
    /// `nil` before the first time. Costs no read.
    public var selfRecall: Double? { log.withLock { $0.selfRecall } }

    /// What everything that serves the collection takes in memory; costs no read.
    public var memoryByteCount: Int {
        index.byteCounts.total + lexical.byteCount + metadata.byteCount
    }

    /// The documents that chunks belong to, as numbers that are equal for equal documents.
    ///
    /// Chunks that are gone are left out. Reads no text.
    public func documentKeys(
        for keys: [ChunkKey]
    ) throws(VectorStoreError) -> [ChunkKey: Int64] {
        try read("reading the documents of chunks") { db in
            let statement = try db.cachedStatement(
                sql: "SELECT document_key FROM chunks WHERE key = ? AND collection_id = ?"
            )
            var documents: [ChunkKey: Int64] = [:]
            for key in keys {
                let row = try Row.fetchOne(statement, arguments: [key, id])
                documents[key] = try row?.integer(0, "chunks.document_key")
            }
            return documents
        }
    }
}
