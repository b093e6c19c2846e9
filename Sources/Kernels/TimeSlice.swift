internal import CKernels

/// How long the kernel lets a thread run before another gets the core.
///
/// On a core that is kept busy, a thread that has just been woken waits for the slice of the running
/// one to end, some 3 ms, unless its own slices are shorter: then it runs at once (Linux 6.12 and
/// later; elsewhere a request changes nothing). So what answers requests asks for short slices, and
/// what computes for long asks for long ones. No thread's share of the cores changes by it.
public enum TimeSlice: UInt64, Sendable {
    /// 0.3 ms, for threads that wait for the most part.
    case short = 300_000
    /// 20 ms, for threads that compute for long.
    case long = 20_000_000

    /// Asks for such slices for the calling thread, and for the threads that it will start.
    public func request() { _ = ragd_cpu_slice(0, rawValue) }

    /// Asks for such slices for another thread of this process.
    public func request(forThread id: Int32) { _ = ragd_cpu_slice(id, rawValue) }
}
