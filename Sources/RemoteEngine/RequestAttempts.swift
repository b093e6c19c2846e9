internal import HTTPRetry

/// When a request is made again, and when it has failed: a state machine without sockets or clocks.
///
/// Waits are those of `Backoff`. Embedding and scoring change nothing at the server, so that a cut
/// connection is no reason not to ask again; a time-out is: the server is at work.
package struct RequestAttempts: Sendable {
    /// What came of an attempt.
    package enum Outcome: Sendable, Equatable {
        /// An answer with this status, and the wait that it asks for.
        case answered(status: Int, retryAfter: Duration?)
        /// None.
        case failed(RemoteError)
    }

    /// What to do now.
    package enum Action: Sendable, Equatable {
        /// Read the answer.
        case read
        /// Say what the answer's status means.
        case refuse
        /// Ask again after a wait.
        case retry(after: Duration)
        /// Give up.
        case fail(RemoteError)
    }

    private static let firstWait = Duration.milliseconds(250)
    private static let longestWait = Duration.seconds(8)
    /// A longer wait is the caller's to make, who is told of it.
    private static let requestedWaitMax = Duration.seconds(20)

    private let backoff: Backoff
    private var failureCount = 0

    /// - Parameter attemptsMax: how often to ask, at least once.
    package init(attemptsMax: Int) {
        backoff = Backoff(
            attemptCountMax: attemptsMax,
            first: Self.firstWait,
            longest: Self.longestWait,
            requestedWaitMax: Self.requestedWaitMax
        )
    }

    /// An attempt has ended.
    ///
    /// - Parameters:
    ///   - outcome: how.
    ///   - jitter: a random number in 0 ..< 1.
    /// - Returns: what to do now.
    package mutating func next(_ outcome: Outcome, jitter: Double) -> Action {
        switch outcome {
        case .answered(let status, let retryAfter):
            if status == 200 { return .read }
            guard let error = Self.transient(status, retryAfter) else { return .refuse }
            return again(error, requested: retryAfter, jitter: jitter)
        case .failed(let error):
            guard error.code == .unreachable else { return .fail(error) }
            return again(error, requested: nil, jitter: jitter)
        }
    }

    private mutating func again(
        _ error: RemoteError,
        requested: Duration?,
        jitter: Double
    ) -> Action {
        failureCount += 1
        let wait = backoff.wait(
            failureCount: failureCount,
            requested: requested,
            jitter: jitter
        )
        return wait.map { .retry(after: $0) } ?? .fail(error)
    }

    /// The error of a status that may be another one in a while.
    private static func transient(_ status: Int, _ retryAfter: Duration?) -> RemoteError? {
        switch status {
        case 429:
            let seconds = max(1, Int((retryAfter ?? .seconds(1)).components.seconds))
            return RemoteError(
                .overloaded(retryAfterSeconds: seconds),
                "its server has too much to do; try again in \(seconds) s"
            )
        case 408, 425, 500, 502, 503, 504:
            return RemoteError(.failing, "its server answers with status \(status)")
        default: return nil
        }
    }
}
