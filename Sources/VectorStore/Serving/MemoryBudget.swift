import Synchronization

/// What the indexes of a store may take in memory together, with the page caches of its connections.
///
/// A write is admitted before it is begun, by what it will add, so that no commit is ever taken back for
/// lack of memory.
///
/// Thread safety: all state is behind a lock.
final class MemoryBudget: Sendable {
    private struct State {
        /// What each collection was last found to take.
        var held: [Int64: Int] = [:]
        /// What was promised to loads and writes that are under way.
        var promised = 0
    }

    private let state = Mutex(State())

    /// The most that everything may take; nil for no limit.
    let byteCountMax: Int?

    /// The page caches, which are always counted in full.
    let cacheByteCount: Int

    init(_ options: StoreOptions) {
        byteCountMax = options.memoryByteCountMax
        cacheByteCount = options.pageCacheByteCount
    }

    /// Promises memory.
    ///
    /// - Throws: `memoryExceeded` with the numbers when it is not there.
    func promise(_ byteCount: Int, _ purpose: @autoclosure () -> String) throws(VectorStoreError) {
        let left: Int? = state.withLock { state in
            defer { state.promised += byteCount }
            guard let byteCountMax else { return nil }
            let taken = cacheByteCount + state.promised + state.held.values.reduce(0, +)
            guard taken + byteCount > byteCountMax else { return nil }
            state.promised -= byteCount
            return max(0, byteCountMax - taken)
        }
        guard let left, let byteCountMax else { return }
        throw VectorStoreError(
            .memoryExceeded,
            "\(purpose()) needs \(Self.mebibytes(byteCount)) MiB of memory, and "
                + "\(Self.mebibytes(left)) of \(Self.mebibytes(byteCountMax)) MiB are left; raise the "
                + "limit (memory), remove what is not needed, or keep vectors on disk (index.vectors)"
        )
    }

    /// Ends a promise: what a collection takes now counts in its place.
    func settle(_ byteCount: Int, collection: Int64, holds: Int) {
        state.withLock { state in
            state.promised -= byteCount
            state.held[collection] = holds
        }
    }

    /// Forgets a collection.
    func remove(collection: Int64) {
        state.withLock { $0.held[collection] = nil }
    }

    private static func mebibytes(_ byteCount: Int) -> Int { (byteCount + (1 << 20) - 1) >> 20 }
}
