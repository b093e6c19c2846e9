/// Makes connections to the servers that entries name.
///
/// The seam between the daemon and the network: `RagCore` has no HTTP. `RemoteEngine` ships; tests
/// connect to services that fail or stall on demand.
public protocol RemoteConnector: Sendable {
    /// Makes ready to ask a server; nothing is sent.
    ///
    /// - Parameters:
    ///   - endpoint: the server, as `RemoteEndpoint.validate` accepts it.
    ///   - name: the entry's id, which errors name.
    ///   - onEvent: told of every attempt, from any thread.
    /// - Returns: the service, which must be closed.
    /// - Throws: `invalid` when the key is not where it should be.
    func connect(
        to endpoint: RemoteEndpoint,
        named name: String,
        onEvent: @escaping @Sendable (RemoteEvent) -> Void
    ) throws(RagError) -> any RemoteService
}

/// A model of another server: one call is one request, made again as often as makes sense.
///
/// Errors name the entry and never the key. Their kinds are `unavailable` when the server cannot be
/// reached or does not answer in time, `overloaded` when it says so, `upstream` when it refuses the
/// request or its answer cannot be used, and `cancelled`.
public protocol RemoteService: Sendable {
    /// Embeds texts.
    ///
    /// - Parameters:
    ///   - texts: at least one, none empty.
    ///   - dimension: elements that each vector must have; nil when they are not known yet.
    /// - Returns: one vector a text, in order: finite, of unit length and of equal dimension.
    /// - Throws: as above.
    func embed(_ texts: [String], dimension: Int?) async throws(RagError) -> [[Float]]

    /// Scores passages for a query.
    ///
    /// - Returns: one finite score a passage, in order; larger is better.
    func score(_ passages: [String], for query: String) async throws(RagError) -> [Float]

    /// Closes all connections; nothing is asked afterwards.
    func close() async
}

/// What happened on the way to an answer.
public enum RemoteEvent: Sendable, Hashable {
    /// How an attempt ended.
    public enum Ending: Sendable, Hashable {
        /// With an answer that can be used.
        case answered
        /// With a refusal of what was asked: the server is well.
        case refused
        /// Without an answer that can be used.
        case failed
    }

    /// An attempt took so long.
    case attempt(Duration, Ending)
    /// The same will be asked again after a wait. The reason is for the log, and may name addresses.
    case retry(after: Duration, reason: String)
    /// The server could not be asked, or gave no answer, and the request has failed; the reason as above.
    case failed(reason: String)
}

extension RagError {
    /// The server will not take these texts, and might take others.
    public static let remoteRefusedCode = "remote_refused"
}
