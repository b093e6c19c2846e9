import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// What a peer was asked.
struct PeerRequest: Sendable {
    let path: String
    let authorization: String?
    let body: String
}

/// What a peer does with a request.
struct PeerReply: Sendable {
    var status = 200
    var headers: [(String, String)] = []
    var body = ""
    /// Cuts the connection behind half of the body.
    var isCut = false
    /// Never answers.
    var isSilent = false
}

/// What a peer answers.
struct PeerScript: Sendable {
    /// Answers a request, whose number from 0 is given.
    let answer: @Sendable (PeerRequest, Int) -> PeerReply

    init(_ answer: @escaping @Sendable (PeerRequest, Int) -> PeerReply) {
        self.answer = answer
    }
}

/// A server on a free port of this machine that answers as a script says.
///
/// Thread safety: what was asked is in a `Mutex`; everything else is immutable.
final class PeerServer: Sendable {
    private let channel: any Channel
    private let log: PeerLog

    /// Starts a server, and stops it behind `body`.
    static func run(
        _ script: PeerScript,
        _ body: (PeerServer) async throws -> Void
    ) async throws {
        let log = PeerLog()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(PeerHandler { script.answer($0, log.add($0)) })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = PeerServer(channel: channel, log: log)
        do {
            try await body(server)
        } catch {
            try? await channel.close()
            throw error
        }
        try? await channel.close()
    }

    private init(channel: any Channel, log: PeerLog) {
        self.channel = channel
        self.log = log
    }

    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    /// What was asked so far, in order.
    var requests: [PeerRequest] { log.requests }
}

/// Thread safety: the requests are in a `Mutex`.
private final class PeerLog: Sendable {
    private let seen = Mutex<[PeerRequest]>([])

    var requests: [PeerRequest] { seen.withLock(\.self) }

    /// Remembers a request.
    ///
    /// - Returns: its number, from 0.
    func add(_ request: PeerRequest) -> Int {
        seen.withLock { seen in
            seen.append(request)
            return seen.count - 1
        }
    }
}

/// Answers each request when it is complete.
private final class PeerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: (PeerRequest) -> PeerReply
    private var head: HTTPRequestHead?
    private var body = ""

    init(_ answer: @escaping (PeerRequest) -> PeerReply) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = ""
        case .body(let piece): body += String(buffer: piece)
        case .end:
            guard let head else { return }
            let request = PeerRequest(
                path: head.uri,
                authorization: head.headers.first(name: "authorization"),
                body: body
            )
            write(answer(request), context)
        }
    }

    private func write(_ reply: PeerReply, _ context: ChannelHandlerContext) {
        guard !reply.isSilent else { return }
        var head = HTTPResponseHead(
            version: .http1_1,
            status: .init(statusCode: reply.status),
            headers: HTTPHeaders(reply.headers)
        )
        let body = Array(reply.body.utf8)
        head.headers.add(name: "content-length", value: "\(body.count)")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        let sent = ByteBuffer(bytes: reply.isCut ? body.prefix(body.count / 2) : body[...])
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(sent))), promise: nil)
        if reply.isCut {
            let channel = context.channel
            context.eventLoop.scheduleTask(in: .milliseconds(50)) { channel.close(promise: nil) }
        } else {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
