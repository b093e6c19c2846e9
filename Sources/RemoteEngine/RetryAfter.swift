package import Foundation

/// How long a server asks to be left alone.
package enum RetryAfter {
    /// A day: more is no wait.
    private static let secondsMax = 86_400

    /// Reads `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3).
    ///
    /// - Returns: nil when the header says nothing.
    package static func duration(_ header: String?, now: Date) -> Duration? {
        guard let text = header?.trimmingCharacters(in: .whitespaces), !text.isEmpty else {
            return nil
        }
        if let seconds = Int(text) {
            return seconds >= 0 ? .seconds(min(seconds, secondsMax)) : nil
        }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        guard let date = format.date(from: text) else { return nil }
        let seconds = date.timeIntervalSince(now).rounded(.up)
        return .seconds(min(max(Int(exactly: seconds) ?? 0, 0), secondsMax))
    }
}
