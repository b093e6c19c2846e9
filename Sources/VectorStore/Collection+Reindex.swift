import GRDB
import Synchronization

extension Collection {
    /// Has the index made anew with other parameters, in the background.
    ///
    /// The present one serves until the new one is complete, and both take memory until then. What is
    /// asked for is stored: a start goes on with it, from the beginning. Asking for what the index has
    /// calls it off.
    ///
    /// - Throws: `memoryExceeded` when there is no room for both; `notFound` when dropped; `closed`, `io`.
    public func reindex(_ parameters: HNSWParameters) async throws(VectorStoreError) {
        try checkNotDropped()
        if configuration.index != parameters {
            let growth = emptyIndex(parameters).growth(by: index.count)
            try budget.promise(growth, "making the index of \"\(configuration.name)\" anew")
            // Promised again when it begins.
            budget.settle(growth, collection: id, holds: memoryByteCount)
        }
        try await queue.perform(isAlone: true) { [self] db in
            var configuration = configuration
            configuration.pendingIndex = configuration.index == parameters ? nil : parameters
            try VectorStore.write(configuration, of: id, db)
            return CommitQueue.Change(()) { [self, configuration] in
                replaceConfiguration(configuration)
                log.withLock { $0.hasReplacingFailed = false }
                continueReindexing()
            }
        }
    }

    /// How much of an index that is being made anew is complete, 0 to 1; `nil` when none is.
    public var reindexProgress: Double? {
        guard configuration.pendingIndex != nil else { return nil }
        return index.successorProgress ?? 0
    }

    /// Begins to make the index anew when that is asked for, or when most of it is empty.
    func continueReindexing() {
        let configuration = configuration
        let isDue =
            configuration.pendingIndex != nil || index.graph.isComplete && index.graph.isSparse
        guard isDue, log.withLock({ $0.startReplacing() }) else { return }
        let parameters = configuration.pendingIndex ?? configuration.index
        IndexReplacement(collection: self, parameters: parameters, threads: buildThreads)
            .start { [weak self] hasFailed in
                guard let self else { return }
                log.withLock { log in
                    log.isReplacing = false
                    log.hasReplacingFailed = hasFailed
                }
                // Something else may have been asked for meanwhile.
                if let pending = self.configuration.pendingIndex, pending != parameters {
                    continueReindexing()
                }
            }
    }

    /// Whether an index of these parameters is still to take the place of the present one.
    func wantsIndex(_ parameters: HNSWParameters) -> Bool {
        let configuration = configuration
        return queue.isOpen && log.withLock { !$0.isDropped }
            && (configuration.pendingIndex ?? configuration.index) == parameters
    }

    /// An index of this collection's vectors without any.
    func emptyIndex(_ parameters: HNSWParameters) -> HNSWIndex {
        var configuration = configuration
        configuration.index = parameters
        return HNSWIndex(for: configuration, file: file, damaged: damaged)
    }
}

extension Collection.LogState {
    /// Takes note that the index is being made anew; false when it is already, or cannot be.
    fileprivate mutating func startReplacing() -> Bool {
        guard !isReplacing, !hasReplacingFailed, !isDropped else { return false }
        isReplacing = true
        return true
    }
}

extension HNSWIndex {
    /// Whether it has so much room that nothing uses that making it anew is worth the work.
    fileprivate var isSparse: Bool {
        let slotCount = slotCount.load(ordering: .relaxed)
        return slotCount > 2 * count + 8_192
    }
}
