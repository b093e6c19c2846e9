import ModelHub
import TestSupport
import Testing

@Suite("File download")
struct FileDownloadTests {
    private static func download(held: Int = 0, etag: String? = nil) throws -> FileDownload {
        let digest = try #require(ContentDigest(sha256: String(repeating: "a", count: 64)))
        return FileDownload(
            file: RepositoryFile(
                path: try RepositoryPath("model.safetensors"),
                byteCount: 100,
                digest: digest
            ),
            heldByteCount: held,
            etag: etag,
            backoff: .hub
        )
    }

    private static func head(
        _ status: Int,
        _ change: (inout AnswerHead) -> Void = { _ in }
    ) -> AnswerHead {
        var head = AnswerHead(status: status)
        change(&head)
        return head
    }

    @Test("asks for the rest of what is there, and for the whole of what is not")
    func asks() throws {
        var fresh = try Self.download()
        #expect(fresh.next() == .request(offset: 0, ifRange: nil))
        var part = try Self.download(held: 40, etag: "\"x\"")
        #expect(part.next() == .request(offset: 40, ifRange: "\"x\""))
        var whole = try Self.download(held: 100)
        #expect(whole.next() == .verify)
        var tooLong = try Self.download(held: 101)
        #expect(tooLong.next() == .startOver)
        #expect(tooLong.next() == .request(offset: 0, ifRange: nil))
    }

    @Test("appends only the part that was asked for, of the same version")
    func appends() throws {
        for (range, etag, action) in [
            (AnswerHead.ContentRange(offset: 40, total: 100), "\"x\"", FileDownload.Action.append),
            (.init(offset: 40, total: nil), "\"x\"", .append),
            (.init(offset: 40, total: 100), nil, .append),
            (.init(offset: 41, total: 100), "\"x\"", .startOver),
            (.init(offset: 40, total: 100), "\"y\"", .startOver),
            (nil, "\"x\"", .startOver),
        ] as [(AnswerHead.ContentRange?, String?, FileDownload.Action)] {
            var download = try Self.download(held: 40, etag: "\"x\"")
            let head = Self.head(206) {
                $0.contentRange = range
                $0.etag = etag
            }
            #expect(download.received(head, jitter: 0) == action)
        }
    }

    @Test("takes a whole answer in place of a part")
    func replaces() throws {
        var download = try Self.download(held: 40, etag: "\"x\"")
        let head = Self.head(200) { $0.etag = "\"y\"" }
        #expect(download.received(head, jitter: 0) == .replace(etag: "\"y\""))
        #expect(download.byteCount == 0)
    }

    @Test("refuses sizes that the listing does not have")
    func refusesSizes() throws {
        var download = try Self.download()
        let long = Self.head(200) { $0.contentLength = 101 }
        guard case .fail = download.received(long, jitter: 0) else {
            Issue.record("a length of 101 was taken")
            return
        }
        var other = try Self.download()
        #expect(other.received(Self.head(200), jitter: 0) == .replace(etag: nil))
        #expect(other.received(byteCount: 100) == nil)
        #expect(other.received(byteCount: 1) != nil)
    }

    @Test("starts over a few times, and then gives up")
    func startsOverNotForever() throws {
        var download = try Self.download(held: 40)
        for _ in 0..<3 {
            #expect(download.received(Self.head(416), jitter: 0) == .startOver)
            #expect(download.received(Self.head(200), jitter: 0) == .replace(etag: nil))
            #expect(download.received(byteCount: 40) == nil)
        }
        guard case .fail = download.received(Self.head(416), jitter: 0) else {
            Issue.record("started over a fourth time")
            return
        }
    }

    @Test("counts failures from the last byte that came")
    func countsFailures() throws {
        var download = try Self.download()
        let cut = HubError(.unavailable, "cut")
        for _ in 0..<3 {
            for failure in 0..<6 {
                let wait = Duration.seconds(min(1 << failure, 30))
                #expect(download.interrupted(cut, jitter: 0) == .pause(wait, reason: cut))
            }
            #expect(download.received(byteCount: 1) == nil)
        }
        for _ in 0..<6 { _ = download.interrupted(cut, jitter: 0) }
        #expect(download.interrupted(cut, jitter: 0) == .fail(cut))
    }

    @Test("fetches once more what an earlier run left and is wrong, and only that")
    func fetchesOnceMore() throws {
        var download = try Self.download(held: 100)
        #expect(download.verified(false) == .startOver)
        _ = download.received(Self.head(200), jitter: 0)
        _ = download.received(byteCount: 100)
        #expect(download.ended(jitter: 0) == .verify)
        guard case .fail(let error) = download.verified(false) else {
            Issue.record("fetched a third time")
            return
        }
        #expect(error.code == .damaged)
    }

    @Test("holds the right number of bytes whatever the server does")
    func keepsCount() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<2_000 {
            var download = try Self.download(held: Int.random(in: 0...120, using: &random))
            var held = download.byteCount
            var action = download.next()
            run: for _ in 0..<1_000 {
                switch action {
                case .request(let offset, _):
                    #expect(offset == held && offset < 100, "seed \(seed)")
                    let head = Self.head(
                        [200, 206, 206, 206, 416, 503].randomElement(using: &random)!
                    ) {
                        $0.contentRange = .init(
                            offset: [offset, offset, 0].randomElement(using: &random) ?? 0,
                            total: [100, nil].randomElement(using: &random) ?? nil
                        )
                        $0.etag = ["\"a\"", "\"b\"", nil].randomElement(using: &random) ?? nil
                    }
                    action = download.received(head, jitter: 0.5)
                case .append, .replace:
                    if case .replace = action { held = 0 }
                    let count = Int.random(in: 0...(100 - held), using: &random)
                    #expect(download.received(byteCount: count) == nil, "seed \(seed)")
                    held += count
                    #expect(download.byteCount == held, "seed \(seed)")
                    action = download.ended(jitter: 0.5)
                case .startOver:
                    held = 0
                    action = download.next()
                case .pause: action = download.next()
                case .verify:
                    #expect(held == 100, "seed \(seed)")
                    action = download.verified(Bool.random(using: &random))
                case .finish, .fail: break run
                }
            }
            switch action {
            case .finish, .fail: break
            default: Issue.record("did not end; seed \(seed)")
            }
        }
    }
}
