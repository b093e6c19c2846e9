package import HTTPRetry

/// The download of one file as a state machine: what to ask for, what to make of each answer, when
/// to go on, to start over, to wait and to give up.
///
/// A value without files, sockets or clocks; `FileTransfer` is the shell that runs its actions.
package struct FileDownload: Sendable {
    /// What the shell does next.
    package enum Action: Sendable, Equatable {
        /// Ask for the file from `offset` on, only if it still has the entity tag.
        case request(offset: Int, ifRange: String?)
        /// Keep what is there and write the body behind it.
        case append
        /// Drop what is there and write the body, whose entity tag is given.
        case replace(etag: String?)
        /// Drop what is there, then ask anew.
        case startOver
        /// Wait, then ask anew.
        case pause(Duration, reason: HubError)
        /// Compare the digest of what is there.
        case verify
        /// The file is whole and right.
        case finish
        /// Give up.
        case fail(HubError)
    }

    /// The file.
    package let file: RepositoryFile
    /// Bytes that are there.
    package private(set) var byteCount: Int
    /// The entity tag of the answer that they came from.
    private var etag: String?
    /// Whether all bytes came from answers of this run.
    private var isFresh: Bool
    private var failureCount = 0
    private var restartCount = 0
    private let backoff: Backoff

    /// Answers in one download that make it start over: the file changed under it, or the server is
    /// confused.
    private static let restartCountMax = 3

    /// Starts or goes on with a download.
    ///
    /// - Parameters:
    ///   - file: what is wanted.
    ///   - heldByteCount: bytes that an earlier run left, of this file by its digest.
    ///   - etag: the entity tag that they came with.
    ///   - backoff: when to give up.
    package init(file: RepositoryFile, heldByteCount: Int, etag: String?, backoff: Backoff) {
        self.file = file
        self.etag = etag
        self.backoff = backoff
        byteCount = heldByteCount
        isFresh = heldByteCount == 0
    }

    /// What to do first, and after `startOver` and `pause`.
    package mutating func next() -> Action {
        if byteCount == file.byteCount { return .verify }
        if byteCount > file.byteCount { return startOver() }
        return .request(offset: byteCount, ifRange: byteCount > 0 ? etag : nil)
    }

    /// An answer has begun.
    ///
    /// - Parameters:
    ///   - head: what it said before its body.
    ///   - jitter: a random number in 0 ..< 1.
    /// - Returns: what to do with it.
    package mutating func received(_ head: AnswerHead, jitter: Double) -> Action {
        if let named = head.linkedDigest, contradicts(named) {
            return .fail(
                HubError(
                    .damaged,
                    "the hub serves \(file.path) with the hash \(Printable(named)), and lists it with "
                        + "\(file.digest); ask again later, or another mirror"
                )
            )
        }
        switch head.status {
        case 200: return receivedWhole(head)
        case 206: return receivedPart(head)
        case 416: return startOverOrFail()
        default:
            let error = HubStatus.error(head, path: file.path)
            return HubStatus.isTransient(head)
                ? failed(error, requestedWait: head.retryAfter, jitter: jitter) : .fail(error)
        }
    }

    /// Bytes of the body have come.
    ///
    /// - Returns: what is wrong with them, nil when they may be written.
    package mutating func received(byteCount count: Int) -> HubError? {
        guard count <= file.byteCount - byteCount else { return wrongSize("more than that") }
        byteCount += count
        // Whoever sends something is alive: the next failure is the first one.
        if count > 0 { failureCount = 0 }
        return nil
    }

    /// The body has ended.
    package mutating func ended(jitter: Double) -> Action {
        guard byteCount < file.byteCount else { return .verify }
        return interrupted(
            HubError(.unavailable, "\(file.path) ended at \(byteCount) of \(file.byteCount) bytes"),
            jitter: jitter
        )
    }

    /// The connection could not be made, was cut, or stalled.
    package mutating func interrupted(_ error: HubError, jitter: Double) -> Action {
        failed(error, requestedWait: nil, jitter: jitter)
    }

    /// The digest has been compared.
    ///
    /// What an earlier run left may have been damaged since, so that the file is fetched once more
    /// from its start; bytes that all came just now would only come again.
    package mutating func verified(_ isRight: Bool) -> Action {
        if isRight { return .finish }
        if !isFresh { return startOver() }
        return .fail(
            HubError(
                .damaged,
                "\(file.path) does not have the hash that the hub lists, \(file.digest): what came is "
                    + "damaged or was tampered with; it was not kept"
            )
        )
    }

    // MARK: - Steps

    private mutating func receivedWhole(_ head: AnswerHead) -> Action {
        if let length = head.contentLength, length != file.byteCount {
            return .fail(wrongSize("\(length)"))
        }
        byteCount = 0
        isFresh = true
        etag = head.etag
        return .replace(etag: head.etag)
    }

    private mutating func receivedPart(_ head: AnswerHead) -> Action {
        guard let range = head.contentRange, range.offset == byteCount, byteCount > 0 else {
            return startOverOrFail()
        }
        if let total = range.total, total != file.byteCount {
            return .fail(wrongSize("\(total)"))
        }
        if let etag, let other = head.etag, other != etag { return startOverOrFail() }
        return .append
    }

    /// Starts over because of an answer, but not forever.
    private mutating func startOverOrFail() -> Action {
        restartCount += 1
        guard restartCount <= Self.restartCountMax, byteCount > 0 else {
            return .fail(
                HubError(
                    .unavailable,
                    "the server answers requests for parts of \(file.path) with other parts; ask "
                        + "another mirror"
                )
            )
        }
        return startOver()
    }

    private mutating func startOver() -> Action {
        byteCount = 0
        etag = nil
        isFresh = true
        return .startOver
    }

    private mutating func failed(
        _ error: HubError,
        requestedWait: Duration?,
        jitter: Double
    ) -> Action {
        failureCount += 1
        guard
            let wait = backoff.wait(
                failureCount: failureCount,
                requested: requestedWait,
                jitter: jitter
            )
        else { return .fail(error) }
        return .pause(wait, reason: error)
    }

    /// Whether the hub's own name for the content is one of the same kind and another one.
    private func contradicts(_ named: String) -> Bool {
        let expected = file.digest.hexadecimal
        return ContentDigest.isHexadecimal(named, count: expected.utf8.count) && named != expected
    }

    private func wrongSize(_ found: String) -> HubError {
        HubError(
            .damaged,
            "\(file.path) should have \(file.byteCount) bytes as the hub lists it, and the answer has "
                + found
        )
    }
}
