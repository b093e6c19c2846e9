/// How long to wait after a failure before asking again, and when to give up.
///
/// Waits double from `first` to `longest`, a random half of each taken off so that many clients of
/// one server do not come back together ("Exponential Backoff And Jitter", AWS Architecture Blog,
/// 2015). A server that says how long is never asked sooner.
package struct Backoff: Sendable {
    /// Failures in a row after which there is no further attempt.
    package let attemptCountMax: Int
    private let first: Duration
    private let longest: Duration
    /// Past this a person should decide.
    private let requestedWaitMax: Duration

    /// Makes a policy.
    ///
    /// - Parameters:
    ///   - attemptCountMax: failures in a row, at least 1.
    ///   - first: the wait after the first failure.
    ///   - longest: where waits stop to double.
    ///   - requestedWaitMax: the longest wait that a server may ask for; past it there is no attempt.
    package init(
        attemptCountMax: Int,
        first: Duration,
        longest: Duration,
        requestedWaitMax: Duration
    ) {
        precondition(attemptCountMax >= 1, "\(attemptCountMax) attempts")
        self.attemptCountMax = attemptCountMax
        self.first = first
        self.longest = longest
        self.requestedWaitMax = requestedWaitMax
    }

    /// The wait before the next attempt.
    ///
    /// - Parameters:
    ///   - failureCount: failures in a row, at least 1.
    ///   - requested: what the server asked for.
    ///   - jitter: a random number in 0 ..< 1.
    /// - Returns: nil when there should be no further attempt.
    package func wait(failureCount: Int, requested: Duration?, jitter: Double) -> Duration? {
        precondition(failureCount >= 1, "\(failureCount) failures")
        guard failureCount < attemptCountMax else { return nil }
        if let requested {
            guard requested <= requestedWaitMax else { return nil }
            return max(requested, .zero)
        }
        let doubled = first * (1 << min(failureCount - 1, 20))
        let wait = min(doubled, longest)
        return wait - wait * (jitter / 2)
    }
}
