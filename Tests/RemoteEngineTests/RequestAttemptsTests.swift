import RemoteEngine
import Testing

@Suite("Attempts of a request to a server")
struct RequestAttemptsTests {
    private let cut = RemoteError(.unreachable, "cut")

    @Test("waits double up to a limit, and end")
    func waitsDouble() {
        var attempts = RequestAttempts(attemptsMax: 8)
        let waits = (0..<7).map { _ in attempts.next(.failed(cut), jitter: 0) }
        let expected = [250, 500, 1_000, 2_000, 4_000, 8_000, 8_000].map {
            RequestAttempts.Action.retry(after: .milliseconds($0))
        }
        #expect(waits == expected)
        #expect(attempts.next(.failed(cut), jitter: 0) == .fail(cut))
    }

    @Test("a random half of a wait is taken off")
    func jitter() {
        var attempts = RequestAttempts(attemptsMax: 2)
        let action = attempts.next(.failed(cut), jitter: 0.999)
        guard case .retry(let wait) = action else {
            Issue.record("\(action)")
            return
        }
        #expect(wait > .milliseconds(124) && wait < .milliseconds(126))
    }

    @Test(
        "what may be otherwise in a while is asked again",
        arguments: [408, 429, 500, 502, 503, 504]
    )
    func transient(status: Int) {
        var attempts = RequestAttempts(attemptsMax: 2)
        let outcome = RequestAttempts.Outcome.answered(status: status, retryAfter: .seconds(3))
        #expect(attempts.next(outcome, jitter: 0) == .retry(after: .seconds(3)))
        guard case .fail(let error) = attempts.next(outcome, jitter: 0) else {
            Issue.record("asked for ever")
            return
        }
        #expect(error.code == (status == 429 ? .overloaded(retryAfterSeconds: 3) : .failing))
    }

    @Test("a refusal is final at once", arguments: [301, 400, 401, 404, 413, 422])
    func refusal(status: Int) {
        var attempts = RequestAttempts(attemptsMax: 5)
        let outcome = RequestAttempts.Outcome.answered(status: status, retryAfter: nil)
        #expect(attempts.next(outcome, jitter: 0) == .refuse)
    }

    @Test("a time-out is final, and so is a wait that is too long to make")
    func final() {
        var attempts = RequestAttempts(attemptsMax: 5)
        let late = RemoteError(.timeout, "late")
        #expect(attempts.next(.failed(late), jitter: 0) == .fail(late))
        let busy = RequestAttempts.Outcome.answered(status: 429, retryAfter: .seconds(60))
        guard case .fail(let error) = attempts.next(busy, jitter: 0) else {
            Issue.record("waits for a minute")
            return
        }
        #expect(error.code == .overloaded(retryAfterSeconds: 60))
    }
}
