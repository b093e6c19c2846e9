internal import VectorStore

/// A document of a request that is to be written.
struct IngestTask: Sendable {
    /// Its place in the request.
    let index: Int
    let id: String
    let input: DocumentInput
    let contentHash: [UInt8]
    /// What is stored under the id when title and text are the same: its chunks stay.
    var kept: StoredHash?

    /// Cuts the document, unless its chunks stay.
    func write(with chunker: DocumentChunker) throws(RagError) -> PreparedDocument {
        if let kept {
            return PreparedDocument(
                id: id,
                input: input,
                contentHash: contentHash,
                chunks: nil,
                tokenCount: kept.tokenCount
            )
        }
        return try chunker.prepare(input, id: id, contentHash: contentHash)
    }
}

/// What a request's documents come to: which are settled, and with what outcome.
///
/// A value without I/O. The pipeline reads the store and tells the plan what it found.
struct IngestPlan: Sendable {
    /// The documents that still have to be written.
    private(set) var open: [IngestTask] = []

    /// Whether any document was written.
    private(set) var hasStored = false

    private var settled: [DocumentOutcome?]
    /// Documents without an id whose content another document of the request has: index to index.
    private var repeats: [Int: Int] = [:]

    /// The ids to look up in the store.
    var ids: [String] { open.map(\.id) }

    /// One outcome a document, in the order of the request; every document must be settled.
    var outcomes: [DocumentOutcome] {
        settled.indices.map { index in
            if let outcome = settled[index] { return outcome }
            guard let original = repeats[index], var outcome = settled[original] else {
                preconditionFailure("document \(index) has no outcome")
            }
            if outcome.status != .failed { outcome.status = .unchanged }
            return outcome
        }
    }

    /// Checks a request; documents that break a limit are settled as failed.
    ///
    /// - Throws: `invalid` when an id is given twice or there is no document, `tooLarge` when there
    ///   are too many.
    init(_ documents: [DocumentInput], limits: Limits) throws(RagError) {
        guard !documents.isEmpty else {
            throw RagError(.invalid, "there are no documents in the request", param: "documents")
        }
        try Limits.check(
            documents.count,
            atMost: limits.documentsPerRequestMax,
            "documents in the request",
            param: "documents"
        )
        settled = Array(repeating: nil, count: documents.count)
        try Self.checkDistinct(documents)
        let check = DocumentCheck(limits)
        var places = Dictionary(
            documents.enumerated().compactMap { index, document in
                document.id.map { ($0, index) }
            },
            uniquingKeysWith: { first, _ in first }
        )
        for (index, document) in documents.enumerated() {
            let path = "documents[\(index)]"
            do throws(RagError) {
                if let id = document.id { try check.check(id: id, path: path) }
                try check.check(document, path: path)
            } catch {
                settled[index] = .failed(document.id ?? path, error)
                continue
            }
            let task = IngestTask(index: index, document)
            if document.id == nil {
                if let original = places[task.id] {
                    repeats[index] = original
                    continue
                }
                places[task.id] = index
            }
            open.append(task)
        }
    }

    /// Settles what the store has already, and marks what keeps its chunks.
    mutating func settleUnchanged(_ stored: [String: StoredHash]) {
        open = open.compactMap { task in
            guard let known = stored[task.id], known.contentHash == task.contentHash else {
                return task
            }
            guard
                known.source != task.input.source
                    || known.metadata.mapValues(\.canonical) != task.input.metadata
            else {
                settled[task.index] = DocumentOutcome(
                    id: task.id,
                    chunks: known.chunkCount,
                    tokens: known.tokenCount,
                    status: .unchanged
                )
                return nil
            }
            var task = task
            task.kept = known
            return task
        }
    }

    /// Settles a document as failed.
    mutating func fail(_ task: IngestTask, _ error: RagError) {
        settled[task.index] = .failed(task.id, error)
    }

    /// Settles a document as written.
    mutating func succeed(_ task: IngestTask, _ write: DocumentWrite, _ outcome: WriteOutcome) {
        hasStored = true
        settled[task.index] = DocumentOutcome(
            id: task.id,
            chunks: write.chunks?.count ?? task.kept?.chunkCount ?? 0,
            tokens: write.tokenCount,
            status: outcome == .created ? .created : .updated
        )
    }

    private static func checkDistinct(_ documents: [DocumentInput]) throws(RagError) {
        var places: [String: Int] = [:]
        for (index, document) in documents.enumerated() {
            guard let id = document.id else { continue }
            if let first = places.updateValue(index, forKey: id) {
                throw RagError(
                    .invalid,
                    "documents[\(first)] and documents[\(index)] have the same id "
                        + "'\(id.prefix(100))'; send one of them",
                    param: "documents[\(index)].id"
                )
            }
        }
    }
}

extension IngestTask {
    /// The task of a checked document: its id derived if need be, its metadata in canonical form.
    fileprivate init(index: Int, _ document: DocumentInput) {
        let hash = ContentHash.document(title: document.title, text: document.text)
        var input = document
        input.metadata = document.metadata.mapValues(\.canonical)
        self.init(
            index: index,
            id: document.id ?? ContentHash.documentID(contentHash: hash),
            input: input,
            contentHash: hash
        )
    }
}

extension DocumentOutcome {
    fileprivate static func failed(_ id: String, _ error: RagError) -> DocumentOutcome {
        DocumentOutcome(id: id, chunks: 0, tokens: 0, status: .failed, error: error)
    }
}
