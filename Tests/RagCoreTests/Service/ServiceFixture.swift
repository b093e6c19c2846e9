import RagCore
import Synchronization
import TestSupport

/// A service with the real model over a data directory that goes when the fixture does.
struct ServiceFixture {
    /// Each service has its own copy of the model, 90 MB, and as many busy threads as there are
    /// cores: more than two at a time only wait for each other.
    private static let turnstile = Turnstile(places: 2)

    let directory: TemporaryDirectory
    let service: RagService

    /// Runs `body` with a service, and shuts the service down whatever happens.
    static func run(
        directory: TemporaryDirectory? = nil,
        threads: Int = 2,
        limits: Limits = Limits(),
        models: [ModelEntry] = [],
        defaultModel: String = RagConfiguration().defaultModel,
        remote: (any RemoteConnector)? = nil,
        _ body: (ServiceFixture) async throws -> Void
    ) async throws {
        await turnstile.enter()
        defer { turnstile.leave() }
        let directory = try directory ?? TemporaryDirectory()
        let configuration = RagConfiguration(
            dataDirectory: directory.path,
            modelsDirectory: try ModelsFolder.path(),
            models: models,
            defaultModel: defaultModel,
            threads: threads,
            limits: limits
        )
        let service = try await RagService.start(configuration: configuration, remote: remote)
        do {
            try await body(ServiceFixture(directory: directory, service: service))
        } catch {
            await service.shutdown()
            throw error
        }
        await service.shutdown()
    }
}

/// Lets so many in at a time.
private final class Turnstile: Sendable {
    private struct State {
        var places: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(places: Int) {
        state = Mutex(State(places: places))
    }

    func enter() async {
        await withCheckedContinuation { continuation in
            let isIn = state.withLock { state in
                guard state.places > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.places -= 1
                return true
            }
            if isIn { continuation.resume() }
        }
    }

    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiting.isEmpty else {
                state.places += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}

/// Something that the tests need is not on this machine.
struct MissingInput: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
