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

/// The sizes that a `BatchQueue` is held to, each at least 1.
package struct BatchBounds: Sendable, Hashable {
    /// Token budget of a batch.
    package var batchTokensMax: Int

    /// Tokens that may wait in the query class.
    package var queryTokensMax: Int

    /// Tokens that may wait in the ingest class.
    package var ingestTokensMax: Int

    /// Batches of queries in a row that may pass waiting ingest texts by.
    ///
    /// With 4, ingest keeps a fifth of the steps under any load of queries, and far more of the
    /// time, since a step of queries is a short one.
    package var queryTurnsMax = 4

    package init(batchTokensMax: Int, queryTokensMax: Int, ingestTokensMax: Int) {
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

/// What the shell of a `BatchQueue` does after `enqueue`.
package enum BatchEnqueueAction: Sendable, Hashable {
    /// The request waits; wake as many workers as there are batches in it.
    case wakeWorkers(count: Int)
    /// There is no room: this many tokens wait before it.
    case refuseFull(waitingTokens: Int)
    /// The queue is closed.
    case refuseClosed
}
