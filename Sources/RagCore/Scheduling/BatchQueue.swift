/// Which texts wait for the encoder, and which go together next.
///
/// A value without locks, clocks or tasks. Texts wait in one of two classes, and texts that can
/// share a batch (the same model and kind of output) in the same *lane* of it. Who takes a batch of
/// which class, and when, is `BatchDispatcher`'s to say.
///
/// - A batch is texts of one lane and class up to the token budget; a text longer than the budget
///   goes alone.
/// - Queries go in the order in which they came.
/// - Ingest texts go longest with longest, in sweeps: a sweep is everything that waits when the one
///   before it ends. A short text therefore waits for at most two sweeps, however many long ones
///   keep coming.
/// - Each class is bounded in tokens, and in the time that its last text would wait: texts that come
///   together are refused together. Texts that nothing waits before are not refused for the time that
///   they take themselves.
/// - A cancelled text gives its room back at once; it is passed over when a batch is formed.
package struct BatchQueue<Lane: Hashable & Sendable>: Sendable {
    /// Texts that go through the encoder together.
    package struct Batch: Sendable, Hashable {
        package let lane: Lane
        package let priority: BatchPriority
        package let texts: [BatchText]
        /// Tokens of all texts.
        package var tokenCount: Int { texts.reduce(0) { $0 + $1.tokenCount } }
    }

    private struct Waiting: Sendable {
        let lane: Lane
        let priority: BatchPriority
        let text: BatchText
    }

    /// What waits in one class.
    private struct Class: Sendable {
        var lines: [Lane: BatchLine] = [:]
        var backlog = BatchBacklog()
    }

    private let bounds: BatchBounds
    private var waiting: [BatchTextID: Waiting] = [:]
    private var queries = Class()
    private var ingest = Class()
    private var steps: UInt64 = 0

    /// Whether texts are taken.
    package private(set) var isOpen = true

    /// Makes an empty queue.
    package init(bounds: BatchBounds) {
        self.bounds = bounds
    }

    /// Whether nothing waits.
    package var isEmpty: Bool { waiting.isEmpty }

    /// What waits in a class.
    package func backlog(_ priority: BatchPriority) -> BatchBacklog { self[priority].backlog }

    /// Texts that wait in a class.
    package func waitingTexts(_ priority: BatchPriority) -> Int { backlog(priority).textCount }

    /// Tokens that wait in a class.
    package func waitingTokens(_ priority: BatchPriority) -> Int { backlog(priority).tokenCount }

    // MARK: - Events

    /// Texts arrive: all of them wait, or none does.
    ///
    /// - Parameters:
    ///   - texts: with numbers that ascend from any that came before.
    ///   - lane: what they can share a batch with.
    ///   - priority: their class.
    /// - Returns: whether they wait.
    package mutating func enqueue(
        _ texts: [BatchText],
        lane: Lane,
        priority: BatchPriority
    ) -> BatchAdmission {
        guard isOpen else { return .closed }
        let tokenCount = texts.reduce(0) { $0 + $1.tokenCount }
        let backlog = backlog(priority)
        guard backlog.tokenCount + tokenCount <= bounds.tokensMax(priority),
            backlog.seconds <= bounds.waitSecondsMax
        else { return .full(backlog) }
        guard !texts.isEmpty else { return .taken }
        // A new line counts as served just now: one that is emptied and filled again and again does
        // not go before one that has waited meanwhile.
        var line =
            self[priority].lines.removeValue(forKey: lane) ?? BatchLine(priority, step: steps)
        for text in texts {
            let known = waiting.updateValue(
                Waiting(lane: lane, priority: priority, text: text),
                forKey: text.id
            )
            precondition(known == nil, "text \(text.id.number) is waiting already")
            line.append(text)
            self[priority].backlog += text
        }
        self[priority].lines[lane] = line
        return .taken
    }

    /// A thread is free: the texts of a class that go together next, or `nil` when none waits.
    ///
    /// - Parameters:
    ///   - priority: the class.
    ///   - threads: how many threads stand ready for the class, this one counted; what waits is
    ///     shared out evenly among them.
    /// - Returns: the batch, no longer waiting.
    package mutating func formBatch(_ priority: BatchPriority, threads: Int = 1) -> Batch? {
        precondition(threads > 0, "no thread to form a batch for")
        guard let lane = nextLane(priority),
            var line = self[priority].lines.removeValue(forKey: lane)
        else { return nil }
        steps += 1
        var texts: [BatchText] = []
        let share = (waitingTokens(priority) + threads - 1) / threads
        var room = min(bounds.batchTokensMax, share)
        while let text = line.first {
            if waiting[text.id] == nil {
                line.removeFirst(isWaiting: false)
                continue
            }
            guard texts.isEmpty || text.tokenCount <= room else { break }
            line.removeFirst(isWaiting: true)
            leave(text.id)
            texts.append(text)
            room -= text.tokenCount
            if room <= 0 || texts.count == bounds.batchTextsMax { break }
        }
        if line.waitingCount > 0 {
            line.lastStep = steps
            self[priority].lines[lane] = line
        }
        precondition(!texts.isEmpty, "a line with \(line.waitingCount) waiting texts gave none")
        return Batch(lane: lane, priority: priority, texts: texts)
    }

    /// A text is no longer wanted: it will not be in a batch.
    ///
    /// - Returns: whether it waited.
    @discardableResult
    package mutating func cancel(_ text: BatchTextID) -> Bool {
        guard let left = leave(text) else { return false }
        guard var line = self[left.priority].lines.removeValue(forKey: left.lane) else {
            return true
        }
        line.abandonOne()
        guard line.waitingCount > 0 else { return true }
        if line.isMostlyAbandoned { line.purge { waiting[$0] != nil } }
        self[left.priority].lines[left.lane] = line
        return true
    }

    /// No more texts are taken; those that wait still go.
    package mutating func close() {
        isOpen = false
    }

    // MARK: - Order

    /// Queries: the lane of the oldest.
    ///
    /// Ingest: the lane that was served longest ago, and of those that are new the oldest.
    private func nextLane(_ priority: BatchPriority) -> Lane? {
        let order = self[priority].lines.min { first, second in
            switch priority {
            case .query: first.value.oldest < second.value.oldest
            case .ingest:
                (first.value.lastStep, first.value.oldest)
                    < (second.value.lastStep, second.value.oldest)
            }
        }
        return order?.key
    }

    @discardableResult
    private mutating func leave(_ text: BatchTextID) -> Waiting? {
        guard let left = waiting.removeValue(forKey: text) else { return nil }
        self[left.priority].backlog -= left.text
        return left
    }

    private subscript(priority: BatchPriority) -> Class {
        get {
            switch priority {
            case .query: queries
            case .ingest: ingest
            }
        }
        _modify {
            switch priority {
            case .query: yield &queries
            case .ingest: yield &ingest
            }
        }
    }
}
