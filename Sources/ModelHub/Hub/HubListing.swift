internal import Foundation
internal import HTTPRetry
internal import NIOHTTP1

/// Reads what the hub says about a repository: the commit of a revision, and its files.
struct HubListing {
    let client: HubClient
    let pacing: Pacing

    /// The description of a model; the largest seen have some hundred kilobytes.
    private static let informationByteCountMax = 32 << 20
    /// A page of the listing has 1,000 entries.
    private static let pageByteCountMax = 16 << 20
    private static let pageCountMax = 100

    /// The complete listing of a revision.
    ///
    /// - Parameters:
    ///   - reference: what is asked for.
    ///   - onEvent: told of waits and of the commit.
    /// - Returns: every file, read from as many pages as there are.
    /// - Throws: `HubError` when the hub has no such revision, does not let one see it, cannot be
    ///   reached, or answers with what is no listing.
    func repository(
        _ reference: RepositoryReference,
        onEvent: (PullEvent) -> Void
    ) async throws(HubError) -> ModelRepository {
        let commit = try await commit(of: reference, onEvent: onEvent)
        onEvent(.resolved(commit: commit))
        var repository = ModelRepository(reference: reference, commit: commit)
        let first = try client.address.tree(of: reference, commit: commit)
        var page: WebAddress? = first
        var pageCount = 0
        while let address = page {
            pageCount += 1
            guard pageCount <= Self.pageCountMax else {
                throw HubError(
                    .damaged,
                    "the hub's listing has more than \(Self.pageCountMax) pages"
                )
            }
            let (bytes, headers) = try await document(
                address,
                of: reference,
                byteCountMax: Self.pageByteCountMax,
                onEvent: onEvent
            )
            try repository.add(page: bytes)
            page = try PageLink.next(in: headers["link"].joined(separator: ","))
                .map { link throws(HubError) in
                    // Only the cursor is taken: a mirror hands on links to the hub itself.
                    try first.takingQuery(of: first.following(location: link))
                }
        }
        return repository
    }

    private func commit(
        of reference: RepositoryReference,
        onEvent: (PullEvent) -> Void
    ) async throws(HubError) -> String {
        let (bytes, _) = try await document(
            client.address.information(of: reference),
            of: reference,
            byteCountMax: Self.informationByteCountMax,
            onEvent: onEvent
        )
        return try ModelRepository.commit(in: bytes)
    }

    /// A document of the hub, asked for until it comes or the attempts are used up.
    private func document(
        _ address: WebAddress,
        of reference: RepositoryReference,
        byteCountMax: Int,
        onEvent: (PullEvent) -> Void
    ) async throws(HubError) -> (bytes: [UInt8], headers: HTTPHeaders) {
        var failureCount = 0
        while true {
            let failure: HubError
            let isFinal: Bool
            var requested: Duration?
            do throws(HubError) {
                let answer = try await client.get(address)
                if answer.head.status == 200 {
                    return (try await answer.body.collect(upTo: byteCountMax), answer.headers)
                }
                failure = HubStatus.error(
                    answer.head,
                    reference: reference,
                    page: client.address.page(of: reference),
                    hasToken: client.hasToken
                )
                requested = answer.head.retryAfter
                isFinal = !HubStatus.isTransient(answer.head)
            } catch {
                failure = error
                isFinal = error.code != .unavailable
            }
            failureCount += 1
            guard !isFinal,
                let wait = pacing.backoff.wait(
                    failureCount: failureCount,
                    requested: requested,
                    jitter: pacing.jitter()
                )
            else { throw failure }
            onEvent(.retrying(path: nil, reason: failure.message, after: wait))
            try await pacing.sleep(wait)
        }
    }
}
