/// Bytes a second, smoothed: what a progress bar shows and reckons the time left from.
///
/// An exponential mean over about five seconds, so that one slow packet does not make it jump.
struct TransferRate {
    private static let memorySeconds = 5.0

    private var last: (time: ContinuousClock.Instant, byteCount: Int)?
    /// Nil before there is anything to go by.
    private(set) var bytesPerSecond: Double?

    /// Takes in how many bytes are there at a time.
    mutating func add(_ byteCount: Int, at time: ContinuousClock.Instant) {
        guard let last else {
            self.last = (time, byteCount)
            return
        }
        let seconds = (time - last.time) / .seconds(1)
        guard seconds > 0 else { return }
        self.last = (time, byteCount)
        // Fewer than before: a file has started over.
        guard byteCount >= last.byteCount else { return }
        let now = Double(byteCount - last.byteCount) / seconds
        let weight = bytesPerSecond == nil ? 1 : min(seconds / Self.memorySeconds, 1)
        bytesPerSecond = (bytesPerSecond ?? 0) * (1 - weight) + now * weight
    }

    /// Seconds that `byteCount` more bytes take, nil when nobody can tell.
    func seconds(for byteCount: Int) -> Int? {
        guard let bytesPerSecond, bytesPerSecond > 0 else { return nil }
        return Int(exactly: (Double(byteCount) / bytesPerSecond).rounded(.up))
    }
}
