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
    /// How long all threads together will take for it, as far as is known.
    package let seconds: Double

    package init(_ id: BatchTextID, tokenCount: Int, seconds: Double = 0) {
        self.id = id
        self.tokenCount = tokenCount
        self.seconds = seconds
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

    /// Seconds that a text may have to wait in its class before it is begun.
    package var waitSecondsMax: Double

    /// Texts of a batch.
    package var batchTextsMax: Int

    package init(
        batchTokensMax: Int,
        queryTokensMax: Int,
        ingestTokensMax: Int,
        waitSecondsMax: Double = .infinity,
        batchTextsMax: Int = .max
    ) {
        precondition(
            batchTokensMax > 0 && queryTokensMax > 0 && ingestTokensMax > 0,
            "bounds are at least 1, not \(batchTokensMax), \(queryTokensMax), \(ingestTokensMax)"
        )
        precondition(batchTextsMax > 0, "a batch of at most \(batchTextsMax) texts")
        precondition(waitSecondsMax > 0, "no text could wait for \(waitSecondsMax) seconds")
        self.batchTokensMax = batchTokensMax
        self.queryTokensMax = queryTokensMax
        self.ingestTokensMax = ingestTokensMax
        self.waitSecondsMax = waitSecondsMax
        self.batchTextsMax = batchTextsMax
    }

    /// Tokens that may wait in a class.
    package func tokensMax(_ priority: BatchPriority) -> Int {
        switch priority {
        case .query: queryTokensMax
        case .ingest: ingestTokensMax
        }
    }
}

/// What waits in a class.
package struct BatchBacklog: Sendable, Hashable {
    package var textCount = 0
    package var tokenCount = 0
    /// How long all threads together will take for it, as far as was known when it came.
    package var seconds = 0.0

    package init() {}

    package static func += (backlog: inout BatchBacklog, text: BatchText) {
        backlog.textCount += 1
        backlog.tokenCount += text.tokenCount
        backlog.seconds += text.seconds
    }

    package static func -= (backlog: inout BatchBacklog, text: BatchText) {
        backlog.textCount -= 1
        backlog.tokenCount -= text.tokenCount
        // Sums of floating-point numbers leave a rest behind, which must not add up.
        backlog.seconds = backlog.textCount == 0 ? 0 : max(0, backlog.seconds - text.seconds)
    }
}

/// What became of texts that a `BatchQueue` was asked to take.
package enum BatchAdmission: Sendable, Hashable {
    /// All of them wait.
    case taken
    /// None does, for there is no room: so much waits before them.
    case full(BatchBacklog)
    /// None does, for the queue is closed.
    case closed
}
