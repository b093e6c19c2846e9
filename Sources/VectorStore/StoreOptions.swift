/// What an operator may choose about a store.
///
/// The defaults suit one daemon on one machine.
public struct StoreOptions: Sendable, Hashable {
    /// How many reading connections there are: reads past that wait for one of them.
    ///
    /// Each has its own page cache of at most `cacheByteCount`.
    public var readerCount: Int = 8
    /// The page cache of one connection, in bytes, beside what the operating system caches.
    public var cacheByteCount: Int = 8 << 20
    /// How many threads build a graph from many vectors at once.
    public var buildThreads: Int = 2
    /// How many writes may wait; the next one is refused with `overloaded`.
    public var pendingWritesMax: Int = 256
    /// How many changes to a graph may stand in the log alone.
    ///
    /// They are replayed at the next start, at about half a millisecond each, so that 2,000 keep it
    /// near one second.
    public var changesMaxBetweenCheckpoints: Int = 2_000

    /// How large each collection's metadata may be in memory, in bytes: keys that were filtered on.
    ///
    /// A key that does not fit is filtered by SQL, tens to hundreds of times slower.
    public var metadataByteCountMax: Int = 256 << 20

    /// How many pages of 4 KiB the write-ahead log may hold before it is copied into the file.
    public var logPageCountMax: Int = 4_000

    /// How much memory indexes and page caches may take, in bytes; `nil` for no limit.
    ///
    /// A write that would need more is refused with `memoryExceeded`, and so is opening a collection that
    /// does not fit. Models, requests and what a search takes for its own time are not counted.
    public var memoryByteCountMax: Int?

    /// What the page caches of all connections take at most.
    var pageCacheByteCount: Int { (readerCount + 1) * cacheByteCount }

    /// How large the database may grow, in bytes; `nil` for as large as the disk allows.
    ///
    /// A write that would need more fails with `io` and changes nothing.
    public var fileByteCountMax: Int?

    /// The defaults.
    public init() {}

    /// Checks the numbers.
    ///
    /// - Throws: `VectorStoreError` with code `invalidArgument` naming the option and its range.
    public func validate() throws(VectorStoreError) {
        let options = [
            ("readerCount", readerCount, 1...256),
            ("cacheByteCount", cacheByteCount, 64 << 10...1 << 30),
            ("buildThreads", buildThreads, 1...256),
            ("pendingWritesMax", pendingWritesMax, 1...1 << 20),
            ("changesMaxBetweenCheckpoints", changesMaxBetweenCheckpoints, 1...1 << 30),
            ("metadataByteCountMax", metadataByteCountMax, 0...1 << 40),
            ("logPageCountMax", logPageCountMax, 1...1 << 20),
        ]
        guard fileByteCountMax.map({ $0 >= 1 << 20 }) ?? true else {
            throw VectorStoreError(.invalidArgument, "fileByteCountMax must be at least 1 MiB")
        }
        if let memoryByteCountMax, memoryByteCountMax <= pageCacheByteCount {
            throw VectorStoreError(
                .invalidArgument,
                "memoryByteCountMax must be more than the page caches take, \(pageCacheByteCount) bytes, "
                    + "not \(memoryByteCountMax)"
            )
        }
        for (name, value, range) in options where !range.contains(value) {
            throw VectorStoreError(.invalidArgument, "\(name) must be in \(range), not \(value)")
        }
    }
}
