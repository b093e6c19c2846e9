import Synchronization

/// A clock whose waits are over at once, and are remembered.
///
/// Thread safety: the waits are in a Mutex.
final class ImpatientClock: Clock, Sendable {
    typealias Duration = Swift.Duration

    struct Instant: InstantProtocol {
        var sinceStart = Swift.Duration.zero

        func advanced(by duration: Swift.Duration) -> Instant {
            Instant(sinceStart: sinceStart + duration)
        }

        func duration(to other: Instant) -> Swift.Duration { other.sinceStart - sinceStart }

        static func < (first: Instant, second: Instant) -> Bool {
            first.sinceStart < second.sinceStart
        }
    }

    private let state = Mutex<(now: Instant, waits: [Swift.Duration])>((Instant(), []))

    var now: Instant { state.withLock(\.now) }
    var minimumResolution: Swift.Duration { .nanoseconds(1) }

    /// Every wait so far.
    var waits: [Swift.Duration] { state.withLock(\.waits) }

    func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws {
        state.withLock { state in
            state.waits.append(state.now.duration(to: deadline))
            state.now = max(state.now, deadline)
        }
    }
}
