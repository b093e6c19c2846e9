import RagCore
import RagHTTP
import VectorStore

/// Sends documents to a daemon in requests of a sensible size.
struct Uploader {
    /// Documents in one request: enough to share a disk flush, few enough to show progress.
    private static let documentCountMax = 64

    /// Bytes of text in one request: about ten seconds of embedding on one core.
    private static let byteCountMax = 1 << 20

    let client: RagClient
    let collection: String

    private var waiting: [DocumentInput] = []
    private var waitingByteCount = 0

    init(client: RagClient, collection: String) {
        self.client = client
        self.collection = collection
    }

    /// Makes the collection unless it is there.
    func prepare(model: String?, language: TextLanguage? = nil) async throws {
        guard try await client.collection(collection) == nil else { return }
        try await client.createCollection(
            CollectionSpec(name: collection, model: model, language: language)
        )
    }

    /// Adds a document, and sends the ones that wait once they fill a request.
    ///
    /// - Returns: what became of those that were sent, none while they wait.
    mutating func add(_ document: DocumentInput) async throws -> [OutcomeReply] {
        waiting.append(document)
        waitingByteCount += document.text.utf8.count
        let isFull =
            waiting.count >= Self.documentCountMax || waitingByteCount >= Self.byteCountMax
        return isFull ? try await flush() : []
    }

    /// Sends the documents that wait.
    mutating func flush() async throws -> [OutcomeReply] {
        guard !waiting.isEmpty else { return [] }
        defer {
            waiting = []
            waitingByteCount = 0
        }
        return try await client.ingest(waiting, into: collection)
    }
}
