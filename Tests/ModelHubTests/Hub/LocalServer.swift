import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A request as the tests look at it.
struct SeenRequest: Sendable {
    let uri: String
    fileprivate let headers: HTTPHeaders

    /// The first header of that name.
    func header(_ name: String) -> String? { headers.first(name: name) }

    /// The address without its query.
    var path: String { String(uri.prefix { $0 != "?" }) }
}

/// What a server does with a request.
struct Reply: Sendable {
    var status = 200
    var headers: [(String, String)] = []
    var body: [UInt8] = []
    /// Cuts the connection behind so many bytes of the body, whose length is announced in full.
    var cutAfter: Int?
    /// Sends so many bytes of the body, and then nothing.
    var stallAfter: Int?

    static func json(_ text: String, headers: [(String, String)] = []) -> Reply {
        Reply(headers: headers, body: Array(text.utf8))
    }
}

/// An HTTP server on a free port of this machine that remembers what it was asked.
///
/// Thread safety: the requests are in a Mutex; everything else is immutable.
final class LocalServer: Sendable {
    private let channel: any Channel
    private let seen: Mutex<[SeenRequest]>.Box

    /// Starts a server; `answer` is called on its event loop.
    static func start(
        _ answer: @escaping @Sendable (SeenRequest) -> Reply
    ) async throws -> LocalServer {
        let seen = Mutex<[SeenRequest]>.Box([])
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        AnswerHandler { request in
                            seen.mutex.withLock { $0.append(request) }
                            return answer(request)
                        }
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return LocalServer(channel: channel, seen: seen)
    }

    private init(channel: any Channel, seen: Mutex<[SeenRequest]>.Box) {
        self.channel = channel
        self.seen = seen
    }

    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    /// What was asked so far, in order.
    var requests: [SeenRequest] { seen.mutex.withLock(\.self) }

    func stop() async {
        try? await channel.close()
    }
}

extension Mutex where Value: Sendable {
    /// A Mutex that several owners share.
    final class Box: Sendable where Value: Sendable {
        let mutex: Mutex<Value>

        init(_ value: Value) {
            mutex = Mutex(value)
        }
    }
}

/// Answers each request when it is complete.
private final class AnswerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: (SeenRequest) -> Reply
    private var head: HTTPRequestHead?

    init(_ answer: @escaping (SeenRequest) -> Reply) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            write(answer(SeenRequest(uri: head.uri, headers: head.headers)), context)
        }
    }

    private func write(_ reply: Reply, _ context: ChannelHandlerContext) {
        var head = HTTPResponseHead(
            version: .http1_1,
            status: .init(statusCode: reply.status),
            headers: HTTPHeaders(reply.headers)
        )
        head.headers.add(name: "content-length", value: "\(reply.body.count)")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        let count = reply.cutAfter ?? reply.stallAfter ?? reply.body.count
        let body = ByteBuffer(bytes: reply.body.prefix(count))
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        if reply.cutAfter != nil {
            // A little later: a client drops what it has not handed on when a connection ends.
            let channel = context.channel
            context.eventLoop.scheduleTask(in: .milliseconds(100)) {
                channel.close(promise: nil)
            }
        } else if reply.stallAfter == nil {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
