import CPlatform
import Foundation

/// How the C library shares memory out in a process that runs for months.
enum Allocator {
    /// Blocks of this size and more are given back when they are freed: bodies of requests and
    /// answers, batches of texts.
    private static let mappedByteCountMin: Int32 = 128 << 10

    /// Keeps freed memory from staying in many pools, or under small blocks.
    ///
    /// By default there are up to eight pools a core, each of which keeps what was once needed in it,
    /// and every large block that is freed makes the library map fewer of them. One pool a core and a
    /// fixed bound take a tenth off the daemon's memory under mixed load, at the same speed
    /// (docs/BENCHMARKS.md). Call it first: pools that there are stay.
    static func keepSmall() {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        ragd_limit_allocator(Int32(clamping: max(2, cores)), mappedByteCountMin)
    }
}
