/// Which texts wait for the encoder, and which go together next.
///
/// A value without locks, clocks or tasks; `BatchScheduler` is the shell that runs it. Texts of a
/// request wait in one of two classes, and texts that can share a batch (the same model and kind of
/// output) in the same *lane* of it.
///
/// - A batch is texts of one lane up to the token budget; a text longer than the budget goes alone.
/// - A batch holds queries whenever a query waits, so that a query waits for at most one ingest
///   step; queries go in the order in which they came.
/// - Every `queryTurnsMax` batches of queries that pass waiting ingest texts by, one batch is
///   theirs: ingest never starves.
/// - Ingest texts go longest with longest, in sweeps: a sweep is everything that waits when the one
///   before it ends. A short text therefore waits for at most two sweeps, however many long ones
///   keep coming.
/// - Each class is bounded in tokens; a request that does not fit is refused as a whole.
/// - A cancelled request gives its room back at once; its texts are passed over when a batch is
///   formed.
package struct BatchQueue<Lane: Hashable & Sendable>: Sendable {
    package typealias Priority = BatchPriority
    package typealias RequestID = BatchRequestID
    package typealias Bounds = BatchBounds
    package typealias EnqueueAction = BatchEnqueueAction

    /// One text of a request.
    package struct Item: Sendable, Hashable {
        package let request: RequestID
        /// Which text of the request.
        package let index: Int
        package let tokenCount: Int
        /// Place in the order of arrival.
        let arrival: UInt64
    }

    /// Texts that go through the encoder together.
    package struct Batch: Sendable, Hashable {
        package let lane: Lane
        package let priority: Priority
        package let items: [Item]
        /// Tokens of all items.
        package var tokenCount: Int { items.reduce(0) { $0 + $1.tokenCount } }
    }

    /// A request that has texts waiting.
    private struct Waiting: Sendable {
        let lane: Lane
        let priority: Priority
        var itemCount: Int
        var tokenCount: Int
    }

    private let bounds: Bounds
    private var requests: [RequestID: Waiting] = [:]
    private var lines: [Priority: [Lane: BatchLine<Lane>]] = [.query: [:], .ingest: [:]]
    private var tokenCounts: [Priority: Int] = [.query: 0, .ingest: 0]
    private var arrivals: UInt64 = 0
    private var steps: UInt64 = 0
    private var queryTurns = 0

    /// Whether requests are taken.
    package private(set) var isOpen = true

    /// Makes an empty queue; every bound is at least 1.
    package init(bounds: Bounds) {
        precondition(
            bounds.batchTokensMax > 0 && bounds.queryTokensMax > 0 && bounds.ingestTokensMax > 0
                && bounds.queryTurnsMax > 0,
            "bounds of a queue are at least 1: \(bounds)"
        )
        self.bounds = bounds
    }

    /// Whether nothing waits.
    package var isEmpty: Bool { requests.isEmpty }

    /// Tokens that wait in a class.
    package func waitingTokens(_ priority: Priority) -> Int { tokenCounts[priority] ?? 0 }

    // MARK: - Events

    /// A request arrives: all of its texts wait, or none does.
    ///
    /// - Parameters:
    ///   - request: a number that was not used before.
    ///   - lane: what its texts can share a batch with.
    ///   - priority: its class.
    ///   - tokenCounts: one count for each of its texts, at least one text.
    /// - Returns: what to do.
    package mutating func enqueue(
        _ request: RequestID,
        lane: Lane,
        priority: Priority,
        tokenCounts: [Int]
    ) -> EnqueueAction {
        precondition(!tokenCounts.isEmpty, "request \(request.number) has no texts")
        precondition(requests[request] == nil, "request \(request.number) is waiting already")
        guard isOpen else { return .refuseClosed }
        let tokens = tokenCounts.reduce(0, +)
        let waiting = waitingTokens(priority)
        guard waiting + tokens <= bounds.tokensMax(priority) else {
            return .refuseFull(waitingTokens: waiting)
        }
        requests[request] = Waiting(
            lane: lane,
            priority: priority,
            itemCount: tokenCounts.count,
            tokenCount: tokens
        )
        self.tokenCounts[priority] = waiting + tokens
        var line = lines[priority]?.removeValue(forKey: lane) ?? BatchLine(priority)
        for (index, count) in tokenCounts.enumerated() {
            let item = Item(
                request: request,
                index: index,
                tokenCount: count,
                arrival: arrivals
            )
            line.append(item)
            arrivals += 1
        }
        lines[priority]?[lane] = line
        return .wakeWorkers(count: (tokens - 1) / bounds.batchTokensMax + 1)
    }

    /// A worker is free: the texts that go together next, or `nil` when nothing waits.
    package mutating func formBatch() -> Batch? {
        guard let priority = nextPriority(), let lane = nextLane(priority) else { return nil }
        guard var line = lines[priority]?.removeValue(forKey: lane) else { return nil }
        steps += 1
        var items: [Item] = []
        var room = bounds.batchTokensMax
        while let item = line.first {
            if requests[item.request] == nil {
                line.removeFirst(isWaiting: false)
                continue
            }
            guard items.isEmpty || item.tokenCount <= room else { break }
            line.removeFirst(isWaiting: true)
            leave(item, priority)
            items.append(item)
            room -= item.tokenCount
            if room <= 0 { break }
        }
        if line.waitingCount > 0 {
            line.lastStep = steps
            lines[priority]?[lane] = line
        }
        precondition(!items.isEmpty, "a line with \(line.waitingCount) waiting texts gave none")
        return Batch(lane: lane, priority: priority, items: items)
    }

    /// A request is no longer wanted, or one of its batches failed: none of its texts that still
    /// wait will be in a batch.
    ///
    /// - Returns: whether it had texts waiting.
    @discardableResult
    package mutating func cancel(_ request: RequestID) -> Bool {
        guard let waiting = requests.removeValue(forKey: request) else { return false }
        tokenCounts[waiting.priority, default: 0] -= waiting.tokenCount
        guard var line = lines[waiting.priority]?.removeValue(forKey: waiting.lane) else {
            return true
        }
        line.abandon(waiting.itemCount)
        guard line.waitingCount > 0 else { return true }
        if line.isMostlyAbandoned { line.purge { requests[$0.request] != nil } }
        lines[waiting.priority]?[waiting.lane] = line
        return true
    }

    /// No more requests are taken; those that wait still go.
    package mutating func close() {
        isOpen = false
    }

    // MARK: - Order

    private mutating func nextPriority() -> Priority? {
        let hasQueries = !(lines[.query] ?? [:]).isEmpty
        let hasIngest = !(lines[.ingest] ?? [:]).isEmpty
        guard hasQueries || hasIngest else { return nil }
        if hasQueries && !(hasIngest && queryTurns >= bounds.queryTurnsMax) {
            queryTurns = hasIngest ? queryTurns + 1 : 0
            return .query
        }
        queryTurns = 0
        return .ingest
    }

    /// Queries: the lane of the oldest.
    ///
    /// Ingest: the lane that was served longest ago.
    private mutating func nextLane(_ priority: Priority) -> Lane? {
        guard let lines = lines[priority] else { return nil }
        let order = lines.min { first, second in
            switch priority {
            case .query: first.value.oldestArrival < second.value.oldestArrival
            case .ingest:
                (first.value.lastStep, first.value.oldestArrival)
                    < (second.value.lastStep, second.value.oldestArrival)
            }
        }
        return order?.key
    }

    private mutating func leave(_ item: Item, _ priority: Priority) {
        tokenCounts[priority, default: 0] -= item.tokenCount
        guard var waiting = requests.removeValue(forKey: item.request) else { return }
        waiting.itemCount -= 1
        waiting.tokenCount -= item.tokenCount
        if waiting.itemCount > 0 { requests[item.request] = waiting }
    }
}
