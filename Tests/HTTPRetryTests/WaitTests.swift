import Foundation
import HTTPRetry
import Testing

@Suite("Waits between attempts")
struct WaitTests {
    private let backoff = Backoff(
        attemptCountMax: 7,
        first: .seconds(1),
        longest: .seconds(30),
        requestedWaitMax: .seconds(600)
    )

    @Test("waits double up to a limit, and end")
    func waitsDouble() {
        let waits = (1...7).map { backoff.wait(failureCount: $0, requested: nil, jitter: 0) }
        #expect(waits == [1, 2, 4, 8, 16, 30, nil].map { $0.map { .seconds($0) } })
        #expect(backoff.wait(failureCount: 1, requested: nil, jitter: 1) == .milliseconds(500))
    }

    @Test("a server is never asked sooner than it says, nor waited for without end")
    func honoursRequests() {
        #expect(backoff.wait(failureCount: 1, requested: .seconds(99), jitter: 1) == .seconds(99))
        #expect(backoff.wait(failureCount: 1, requested: .seconds(601), jitter: 0) == nil)
    }

    @Test("reads seconds, dates and windows")
    func readsRetryAfter() {
        let now = Date(timeIntervalSince1970: 784_111_777 - 30)
        func duration(_ retryAfter: String?, _ rateLimit: String? = nil) -> Duration? {
            RetryAfter.duration(retryAfter: retryAfter, rateLimit: rateLimit, now: now)
        }
        #expect(duration("17") == .seconds(17))
        #expect(duration(" 0 ") == .seconds(0))
        #expect(duration("Sun, 06 Nov 1994 08:49:37 GMT") == .seconds(30))
        #expect(duration("Sun, 06 Nov 1984 08:49:37 GMT") == .seconds(0))
        #expect(duration("99999999999") == .seconds(86_400))
        for text in ["soon", "-5", "", nil] { #expect(duration(text) == nil) }
        #expect(duration(nil, "\"api\";r=0;t=55") == .seconds(55))
        #expect(duration(nil, "\"api\";r=0;t=999999") == .seconds(86_400))
        #expect(duration(nil, "\"api\";r=7;t=55") == nil)
    }
}
