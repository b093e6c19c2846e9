/// The words of one chunk, as the index holds them.
package struct ChunkWords: Sendable, Equatable {
    /// How often each occurs.
    package var counts: [String: UInt32]
    /// How many there are: what BM25 calls the length of a document.
    package var length: Int

    package init(counts: [String: UInt32], length: Int) {
        self.counts = counts
        self.length = length
    }
}

/// What a committed write does to the full-text index.
package struct LexicalChange: Sendable {
    /// Chunks that are gone, each with the words that it had; `nil` when its text could not be read.
    package var removed: [(key: ChunkKey, words: ChunkWords?)] = []
    /// Chunks that are new; after the removals, so that one in both has new words.
    package var inserted: [(key: ChunkKey, words: ChunkWords)] = []

    package init(
        removed: [(key: ChunkKey, words: ChunkWords?)] = [],
        inserted: [(key: ChunkKey, words: ChunkWords)] = []
    ) {
        self.removed = removed
        self.inserted = inserted
    }

    var isEmpty: Bool { removed.isEmpty && inserted.isEmpty }
}
