internal import AsyncHTTPClient
public import Foundation
internal import NIOCore
public import RagCore

/// Asks servers over HTTP for the models that they compute.
///
/// Thread safety: immutable.
public struct HTTPRemoteConnector: RemoteConnector {
    private let environment: [String: String]

    /// Makes a connector.
    ///
    /// - Parameter environment: where keys are looked up.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.environment = environment
    }

    /// Makes ready to ask a server; nothing is sent.
    ///
    /// - Throws: `invalid` when the key is not where it should be.
    public func connect(
        to endpoint: RemoteEndpoint,
        named name: String,
        onEvent: @escaping @Sendable (RemoteEvent) -> Void
    ) throws(RagError) -> any RemoteService {
        let key: RemoteKey?
        do throws(RagError) {
            key = try self.key(for: endpoint)
        } catch {
            throw RagError(.invalid, "model '\(name)': \(error.message)", param: "model")
        }
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(Int64(endpoint.connectSecondsMax))
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit =
            endpoint.requestsMax
        configuration.httpVersion = .http1Only
        return HTTPRemoteService(
            name: name,
            endpoint: endpoint,
            key: key,
            http: HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration),
            onEvent: onEvent
        )
    }

    /// Looks up the key of an endpoint, to see whether it can be found.
    ///
    /// - Throws: `invalid` saying where it should be, never what it is.
    public func check(_ endpoint: RemoteEndpoint) throws(RagError) {
        _ = try key(for: endpoint)
    }

    private func key(for endpoint: RemoteEndpoint) throws(RagError) -> RemoteKey? {
        guard let source = endpoint.key else { return nil }
        return try RemoteKey(source, environment: environment)
    }
}
