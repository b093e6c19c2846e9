/// How urgent a request for the encoder is.
package enum BatchPriority: String, Sendable, Hashable, CaseIterable {
    /// Somebody waits for an answer.
    case query
    /// Bulk work.
    case ingest
}

/// A request for the encoder, by a number that is never used again.
package struct BatchRequestID: Sendable, Hashable {
    package let number: UInt64

    package init(_ number: UInt64) {
        self.number = number
    }
}

/// A text in flight, whoever wants it, by a number that ascends in the order of arrival.
package struct BatchTextID: Sendable, Hashable, Comparable {
    package let number: UInt64

    package init(_ number: UInt64) {
        self.number = number
    }

    package static func < (first: BatchTextID, second: BatchTextID) -> Bool {
        first.number < second.number
    }
}

/// A text for a `BatchQueue`, which needs to know no more of it than its length.
package struct BatchText: Sendable, Hashable {
    package let id: BatchTextID
    package let tokenCount: Int

    package init(_ id: BatchTextID, tokenCount: Int) {
        self.id = id
        self.tokenCount = tokenCount
    }
}

/// The sizes that a `BatchQueue` is held to, each at least 1.
package struct BatchBounds: Sendable, Hashable {
    /// Token budget of a batch.
    package var batchTokensMax: Int

    /// Tokens that may wait in the query class.
    package var queryTokensMax: Int

    /// Tokens that may wait in the ingest class.
    package var ingestTokensMax: Int

    package init(batchTokensMax: Int, queryTokensMax: Int, ingestTokensMax: Int) {
        precondition(
            batchTokensMax > 0 && queryTokensMax > 0 && ingestTokensMax > 0,
            "bounds are at least 1, not \(batchTokensMax), \(queryTokensMax), \(ingestTokensMax)"
        )
        self.batchTokensMax = batchTokensMax
        self.queryTokensMax = queryTokensMax
        self.ingestTokensMax = ingestTokensMax
    }

    /// Tokens that may wait in a class.
    package func tokensMax(_ priority: BatchPriority) -> Int {
        switch priority {
        case .query: queryTokensMax
        case .ingest: ingestTokensMax
        }
    }
}

/// What became of texts that a `BatchQueue` was asked to take.
package enum BatchAdmission: Sendable, Hashable {
    /// All of them wait.
    case taken
    /// None does, for there is no room: this many tokens wait before them.
    case full(waitingTokens: Int)
    /// None does, for the queue is closed.
    case closed
}
