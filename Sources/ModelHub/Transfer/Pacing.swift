package import HTTPRetry

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

extension Backoff {
    /// Waits of a pull, which come to about a minute in all; past ten that a hub asks for, a person should
    /// decide.
    package static let hub = Backoff(
        attemptCountMax: 7,
        first: .seconds(1),
        longest: .seconds(30),
        requestedWaitMax: .seconds(600)
    )
}
