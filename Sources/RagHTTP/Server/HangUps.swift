internal import NIOCore
internal import Synchronization

/// Which connections have a request at hand, and what to do when the other side hangs up.
///
/// Hummingbird reads no further while a request is answered, so it would notice only when it writes
/// the answer, after all the work. NIO tells of the end of the input at once, on the event loop.
///
/// A client that closes just its sending half and still waits counts as gone, as it does at nginx.
///
/// Thread safety: the table is behind a `Mutex` that is held for a lookup; actions run outside it.
final class HangUps: Sendable {
    private struct Connection: Sendable {
        var hasHungUp = false
        var action: (@Sendable () -> Void)?
    }

    private let connections = Mutex<[ObjectIdentifier: Connection]>([:])

    /// Has `action` run once when the other side of `channel` hangs up, now if it has already.
    func watch(_ channel: any Channel, _ action: @escaping @Sendable () -> Void) {
        let hasHungUp = connections.withLock { connections in
            let id = ObjectIdentifier(channel)
            if connections[id]?.hasHungUp == true { return true }
            connections[id]?.action = action
            return false
        }
        if hasHungUp { action() }
    }

    /// The request has been answered.
    func unwatch(_ channel: any Channel) {
        connections.withLock { $0[ObjectIdentifier(channel)]?.action = nil }
    }

    // MARK: - Events of a channel

    fileprivate func open(_ channel: any Channel) {
        connections.withLock { $0[ObjectIdentifier(channel)] = Connection() }
    }

    fileprivate func hangUp(_ channel: any Channel) {
        let action = connections.withLock { connections in
            let id = ObjectIdentifier(channel)
            connections[id]?.hasHungUp = true
            return connections[id]?.action.take()
        }
        action?()
    }

    fileprivate func close(_ channel: any Channel) {
        hangUp(channel)
        connections.withLock { $0[ObjectIdentifier(channel)] = nil }
    }
}

/// Tells `HangUps` of the events of one channel.
final class HangUpHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let hangUps: HangUps

    init(_ hangUps: HangUps) {
        self.hangUps = hangUps
    }

    func handlerAdded(context: ChannelHandlerContext) {
        hangUps.open(context.channel)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { hangUps.hangUp(context.channel) }
        context.fireUserInboundEventTriggered(event)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // Every handler is removed when its channel has closed.
        hangUps.close(context.channel)
    }
}
