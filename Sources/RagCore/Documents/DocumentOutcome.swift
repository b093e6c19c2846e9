/// What became of one document of an ingest request.
public struct DocumentOutcome: Sendable {
    /// What was done.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        /// It was not there before.
        case created
        /// It replaced a document of the same id.
        case updated
        /// It is what is stored already; nothing was written.
        case unchanged
        /// It was not stored, for the reason in `error`; what was stored before still stands.
        case failed
    }

    /// The document's id, derived from its content when the caller gave none.
    public var id: String

    /// Its chunks.
    public var chunks: Int

    /// Its tokens, those that overlapping chunks share counted in each; titles not counted.
    public var tokens: Int

    /// What was done.
    public var status: Status

    /// Why it failed.
    public var error: RagError?

    /// Makes an outcome.
    public init(id: String, chunks: Int, tokens: Int, status: Status, error: RagError? = nil) {
        self.id = id
        self.chunks = chunks
        self.tokens = tokens
        self.status = status
        self.error = error
    }
}
