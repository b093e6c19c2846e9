internal import Foundation
internal import NIOCore

/// Runs a `FileDownload`: asks the hub, writes what comes, waits.
///
/// File input and output happen on the task's thread. A pull is all that its process does; sockets
/// are served by threads of their own.
struct FileTransfer {
    let client: HubClient
    let repository: ModelRepository
    let pacing: Pacing

    /// Downloads one file.
    ///
    /// - Parameters:
    ///   - file: what is wanted.
    ///   - folder: where it goes, and where an earlier run may have left a part of it.
    ///   - onEvent: told of progress and of waits.
    /// - Returns: SHA-256 of the file, in hexadecimal digits.
    /// - Throws: `HubError` when it could not be had, or not as the hub lists it. What there is of it
    ///   is kept for the next run, unless it is wrong.
    func run(
        _ file: RepositoryFile,
        into folder: StagedFolder,
        onEvent: (PullEvent) -> Void
    ) async throws(HubError) -> String {
        let part = try folder.open(file)
        var download = FileDownload(
            file: file,
            heldByteCount: part.byteCount,
            etag: part.etag,
            backoff: pacing.backoff
        )
        onEvent(.started(path: file.path.text, byteCount: file.byteCount, held: part.byteCount))
        var answer: HubClient.Answer?
        var action = download.next()
        while true {
            switch action {
            case .request(let offset, let ifRange):
                (action, answer) = try await ask(&download, offset: offset, ifRange: ifRange)
            case .append, .replace:
                if case .replace(let etag) = action { try part.clear(etag: etag) }
                guard let body = answer?.body else {
                    preconditionFailure("\(action) without an answer")
                }
                action = try await receive(body, &download, part, onEvent: onEvent)
            case .startOver:
                try part.clear(etag: nil)
                onEvent(.received(path: file.path.text, byteCount: 0))
                action = download.next()
            case .pause(let duration, let reason):
                onEvent(.retrying(path: file.path.text, reason: reason.message, after: duration))
                try await pacing.sleep(duration)
                action = download.next()
            case .verify:
                action = download.verified(part.isRight)
            case .finish:
                try part.flush()
                onEvent(.finished(path: file.path.text))
                return part.sha256
            case .fail(let error):
                if error.code == .damaged { try part.clear(etag: nil) }
                throw error
            }
        }
    }

    private func ask(
        _ download: inout FileDownload,
        offset: Int,
        ifRange: String?
    ) async throws(HubError) -> (FileDownload.Action, HubClient.Answer?) {
        let address = try client.address.file(
            download.file.path,
            of: repository.reference,
            commit: repository.commit
        )
        do throws(HubError) {
            let answer = try await client.get(address, offset: offset, ifRange: ifRange)
            return (download.received(answer.head, jitter: pacing.jitter()), answer)
        } catch {
            guard error.code == .unavailable else { throw error }
            return (download.interrupted(error, jitter: pacing.jitter()), nil)
        }
    }

    private func receive(
        _ body: HubClient.Body,
        _ download: inout FileDownload,
        _ part: PartialFile,
        onEvent: (PullEvent) -> Void
    ) async throws(HubError) -> FileDownload.Action {
        let path = download.file.path.text
        var pieces = body.makeAsyncIterator()
        while true {
            let piece: ByteBuffer?
            do throws(HubError) {
                piece = try await pieces.next()
            } catch {
                guard error.code == .unavailable else { throw error }
                return download.interrupted(error, jitter: pacing.jitter())
            }
            guard let piece else { return download.ended(jitter: pacing.jitter()) }
            if let error = download.received(byteCount: piece.readableBytes) {
                return .fail(error)
            }
            try part.append(Data(piece.readableBytesView))
            onEvent(.received(path: path, byteCount: part.byteCount))
        }
    }
}
