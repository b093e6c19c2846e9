import GRDB

extension Collection {
    /// Searches the texts themselves while their index is in the making.
    func searchWithoutTextIndex(
        _ text: String,
        count: Int,
        selection: Selection?
    ) throws(VectorStoreError) -> [ChunkHit] {
        var scan = TextScan(
            text,
            configuration.textLanguage,
            wordCountMax: Self.queryWordCountMax
        )
        guard scan.isNeeded else { return [] }
        return try read("searching the texts") { db in
            try ChunkTexts(db, collection: id).forEach { key, title, text in
                scan.add(key, title: title, text: text)
            } damaged: { document, reason in
                damaged.note(.text, at: .document(document), reason)
            }
            return scan.best(count: count, selection: selection)
        }
    }

    /// Remembers that the stored full-text index is damaged, and has it written again.
    func noteDamagedTextIndex(_ reason: VectorStoreError) {
        damaged.note(.textIndex, at: .collection, reason)
        scheduleCheckpoint()
    }
}
