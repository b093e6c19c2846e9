/// What an operator may choose about a store. The defaults suit one daemon on one machine.
public struct StoreOptions: Sendable, Hashable {
    /// How many reading connections there are: reads past that wait for one of them.
    ///
    /// Each has its own page cache of at most `cacheByteCount`.
    public var readerCount: Int = 8
    /// The page cache of one connection, in bytes. The operating system caches the file besides.
    public var cacheByteCount: Int = 8 << 20
    /// How many threads build a graph from many vectors at once.
    public var buildThreads: Int = 2
    /// How many writes may wait; the next one is refused with `limitExceeded`.
    public var pendingWritesMax: Int = 256
    /// How many changes to a graph may stand in the log alone. They are replayed at the next start,
    /// at about half a millisecond each, so that 2,000 keep it near one second.
    public var changesMaxBetweenCheckpoints: Int = 2_000

    /// The defaults.
    public init() {}
}
