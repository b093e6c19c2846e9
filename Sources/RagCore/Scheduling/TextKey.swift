internal import Embedder

/// What texts must share to be in one batch: the encoder, and what is kept of its output.
struct BatchLane: Sendable, Hashable {
    let encoder: any TextEncoder
    let output: TokenVectorOutput

    static func == (first: BatchLane, second: BatchLane) -> Bool {
        first.encoder === second.encoder && first.output == second.output
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(encoder))
        hasher.combine(output)
    }
}

/// What texts must share to have the same result, and to wait for it in the same class.
///
/// Token ids, not characters: all spellings that the model reads alike are one text, and prompts
/// are told apart by themselves. The class is part of it so that a query never waits for a batch of
/// ingest. Which bytes of the text a token came from is not: the encoder does not look at it.
struct TextKey: Sendable, Hashable {
    let lane: BatchLane
    let priority: BatchPriority
    let encoding: Encoding
    /// Computed once, when the key is made: outside the scheduler's lock.
    private let digest: Int

    init(_ encoding: Encoding, lane: BatchLane, priority: BatchPriority) {
        self.lane = lane
        self.priority = priority
        self.encoding = encoding
        var hasher = Hasher()
        hasher.combine(lane)
        hasher.combine(priority)
        hasher.combine(encoding.ids)
        digest = hasher.finalize()
    }

    static func == (first: TextKey, second: TextKey) -> Bool {
        first.digest == second.digest && first.priority == second.priority
            && first.lane == second.lane && first.encoding.ids == second.encoding.ids
            && first.encoding.typeIDs == second.encoding.typeIDs
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(digest)
    }
}
