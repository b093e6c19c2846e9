public import Hummingbird
import HummingbirdCore
public import Logging
public import RagCore
import ServiceLifecycle
import UnixSignals

/// The daemon's HTTP side: an application that answers the routes of docs/API.md from a `RagService`.
///
/// A request passes, outermost first: `RequestIDMiddleware`, `RequestLogMiddleware`,
/// `ErrorMiddleware`, `AuthenticationMiddleware`, `BodyBudgetMiddleware`, then its route. A route
/// reads the body into a `JSONValue`, that into a request of `RagCore` (`Wire/`), asks the service,
/// and writes the answer with a `JSONWriter`.
public struct RagHTTPServer: Sendable {
    /// What the server is started with.
    public struct Configuration: Sendable {
        /// Where to listen.
        public var address: ListenAddress

        /// The key that callers must send; nil lets everyone in who can reach the address.
        public var apiKey: String?

        /// The caps.
        public var limits: HTTPLimits

        /// Makes a configuration.
        public init(
            address: ListenAddress = .standard,
            apiKey: String? = nil,
            limits: HTTPLimits = HTTPLimits()
        ) {
            self.address = address
            self.apiKey = apiKey
            self.limits = limits
        }
    }

    private let service: RagService
    private let configuration: Configuration
    private let logger: Logger

    /// Makes a server that answers from `service`.
    ///
    /// - Throws: `ConfigurationError` when the key is empty, or when the address can be reached from
    ///   other machines and there is no key.
    public init(
        service: RagService,
        configuration: Configuration,
        logger: Logger
    ) throws(ConfigurationError) {
        try configuration.validate()
        self.service = service
        self.configuration = configuration
        self.logger = logger
    }

    /// The application, for tests that send requests to it without a socket and for `run`.
    ///
    /// - Parameter onListening: called with the bound port once connections are accepted.
    /// - Returns: an application that is yet to be run.
    public func application(
        onListening: @escaping @Sendable (ListenAddress) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        let limits = configuration.limits
        let host = configuration.address.host
        let hangUps = HangUps()
        return Application(
            responder: responder(hangUps),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [HangUpHandler(hangUps)],
                    idleTimeout: .seconds(limits.idleSecondsMax)
                )
            ),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: configuration.address.port),
                serverName: "ragd",
                availableConnectionsDelegate: MaximumAvailableConnections(
                    limits.connectionCountMax,
                    logger: logger
                )
            ),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                await onListening(ListenAddress(host: host, port: port))
            },
            logger: logger
        )
    }

    /// Serves until the process is told to stop by SIGTERM or SIGINT, lets the requests that were
    /// accepted finish, then shuts the service down.
    ///
    /// - Throws: whatever keeps the server from listening. The service is shut down either way.
    public func run(
        onListening: @escaping @Sendable (ListenAddress) async -> Void
    ) async throws {
        var group = ServiceGroupConfiguration(
            services: [application(onListening: onListening)],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        group.maximumGracefulShutdownDuration = .seconds(configuration.limits.shutdownSecondsMax)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await ServiceGroup(configuration: group).run())
        } catch {
            outcome = .failure(error)
        }
        await service.shutdown()
        try outcome.get()
    }

    private func responder(_ hangUps: HangUps) -> RouterResponder<RagRequestContext> {
        let limits = configuration.limits
        let router = Router(
            context: RagRequestContext.self,
            options: .autoGenerateHeadEndpoints
        )
        router.add(middleware: RequestIDMiddleware())
        router.add(middleware: RequestLogMiddleware(metrics: service.metrics))
        router.add(middleware: ErrorMiddleware())
        router.add(middleware: HangUpMiddleware(hangUps: hangUps))
        let keyed = router.group()
        if let apiKey = configuration.apiKey {
            keyed.add(middleware: AuthenticationMiddleware(key: apiKey))
        }
        keyed.add(middleware: BodyBudgetMiddleware(limits: limits))

        var table = RouteTable()
        StatusRoutes(service: service).add(to: &table)
        ModelRoutes(service: service).add(to: &table)
        CollectionRoutes(service: service, limits: limits).add(to: &table)
        DocumentRoutes(service: service, limits: limits).add(to: &table)
        SearchRoutes(service: service, limits: limits).add(to: &table)
        RerankRoutes(service: service, limits: limits).add(to: &table)
        EmbeddingsRoutes(service: service, limits: limits).add(to: &table)
        table.register(open: router, keyed: keyed)
        return router.buildResponder()
    }
}

/// Why a server cannot be started as configured.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    /// The setting, its value where it is no secret, and what to do.
    public let description: String
}

extension RagHTTPServer.Configuration {
    /// Refuses a configuration that would let strangers in: an empty key, or an address that other
    /// machines can reach without a key.
    public func validate() throws(ConfigurationError) {
        if let apiKey, apiKey.isEmpty {
            throw ConfigurationError(
                description: "RAGD_API_KEY is set but empty; unset it or set it to a key"
            )
        }
        guard address.isLoopback || apiKey != nil else {
            throw ConfigurationError(
                description: """
                    refusing to listen on \(address) without an API key, for other machines can \
                    reach it; set RAGD_API_KEY, or listen on \(ListenAddress.standard)
                    """
            )
        }
    }
}
