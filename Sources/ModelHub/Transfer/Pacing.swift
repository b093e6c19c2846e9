/// Time for a pull: what its waits are measured by, which tests replace.
struct Pacing: Sendable {
    let backoff: Backoff
    let clock: any Clock<Duration>

    /// A random number in 0 ..< 1 that spreads waits out.
    func jitter() -> Double { Double.random(in: 0..<1) }

    /// Waits.
    ///
    /// - Throws: `cancelled`.
    func sleep(_ duration: Duration) async throws(HubError) {
        do {
            try await clock.sleep(for: duration)
        } catch {
            throw HubError(.cancelled, "cancelled")
        }
    }
}
