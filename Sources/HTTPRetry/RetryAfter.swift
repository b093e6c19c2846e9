package import Foundation

/// How long a server asks to be left alone.
package enum RetryAfter {
    /// Reads `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3), or the time to the next
    /// window of `RateLimit`, as in `"api";r=0;t=55` (draft-ietf-httpapi-ratelimit-headers).
    ///
    /// - Parameters:
    ///   - retryAfter: the header's text.
    ///   - rateLimit: the other header's text, used when the first one says nothing.
    ///   - now: what a date is compared with.
    /// - Returns: nil when neither header says.
    package static func duration(
        retryAfter: String?,
        rateLimit: String? = nil,
        now: Date
    ) -> Duration? {
        if let text = retryAfter?.trimmingCharacters(in: .whitespaces), !text.isEmpty {
            if let seconds = Int(text), seconds >= 0 {
                return .seconds(min(seconds, secondsMax))
            }
            if let date = date(text) {
                let seconds = date.timeIntervalSince(now).rounded(.up)
                return .seconds(min(max(Int(exactly: seconds) ?? 0, 0), secondsMax))
            }
        }
        guard let match = rateLimit?.firstMatch(of: /;\s*r=0\s*;\s*t=(\d{1,6})/),
            let seconds = Int(match.1)
        else { return nil }
        return .seconds(min(seconds, secondsMax))
    }

    /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, the one form of a date that servers still write.
    private static func date(_ text: String) -> Date? {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return format.date(from: text)
    }

    /// A day: more is no wait.
    private static let secondsMax = 86_400
}
