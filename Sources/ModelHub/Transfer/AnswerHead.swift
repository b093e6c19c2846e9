/// What the hub, or a host that it sent us to, said before the body.
package struct AnswerHead: Sendable, Equatable {
    /// The part of a file that a 206 answer holds.
    package struct ContentRange: Sendable, Equatable {
        /// The first byte, 0-based.
        package let offset: Int
        /// The whole file's size, nil when the server does not say.
        package let total: Int?

        /// Makes a range.
        package init(offset: Int, total: Int?) {
            self.offset = offset
            self.total = total
        }

        /// Reads `bytes 5-9/10`; nil for everything else.
        package init?(_ text: String) {
            guard let match = text.wholeMatch(of: /bytes (\d{1,18})-(\d{1,18})\/(\d{1,18}|\*)/),
                let offset = Int(match.1), let last = Int(match.2), last >= offset
            else { return nil }
            self.init(offset: offset, total: Int(match.3))
        }
    }

    /// The status code.
    package var status: Int
    /// Whether the hub itself answered, rather than a host that it sent us to.
    package var isFromHub = true
    /// Bytes of the body, nil when the server does not say.
    package var contentLength: Int?
    /// Which part of the file a 206 answer holds.
    package var contentRange: ContentRange?
    /// The strong entity tag, with its quotes: nil when there is none or it is weak.
    package var etag: String?
    /// The digest of the content, as the hub's first answer names it.
    package var linkedDigest: String?
    /// The hub's own word for an error, such as `GatedRepo`.
    package var errorCode: String?
    /// The wait that was asked for.
    package var retryAfter: Duration?

    /// Makes a head of which only the status is known.
    package init(status: Int) {
        self.status = status
    }
}
