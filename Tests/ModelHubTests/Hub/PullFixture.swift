import Foundation
import ModelHub
import Synchronization
import TestSupport

/// A models folder, and pulls into it that never wait.
struct PullFixture {
    let folder: TemporaryDirectory
    let clock = ImpatientClock()

    init() throws {
        folder = try TemporaryDirectory()
    }

    /// The models folder.
    var models: String { folder.path }

    /// Where the tiny model goes.
    var model: String { "\(folder.path)/tiny-model" }

    /// Pulls the tiny model.
    @discardableResult
    func pull(
        _ hub: FakeHub,
        revision: String? = nil,
        free: Int = 1 << 40,
        stallTimeout: Duration = .seconds(30),
        _ change: (inout HubPull.Request) -> Void = { _ in },
        onEvent: (PullEvent) -> Void = { _ in }
    ) async throws -> HubPull.Outcome {
        var settings = HubSettings()
        settings.endpoint = hub.hub.url
        settings.token = FakeHub.token
        settings.stallTimeout = stallTimeout
        settings.clock = clock
        settings.freeByteCount = { _ in free }
        var request = HubPull.Request(
            reference: try RepositoryReference(FakeHub.repository, revision: revision),
            modelsDirectory: folder.path
        )
        change(&request)
        return try await HubPull(settings: settings).run(request, onEvent: onEvent)
    }

    /// The error of a pull that must fail.
    func failure(
        _ hub: FakeHub,
        revision: String? = nil,
        free: Int = 1 << 40,
        _ change: (inout HubPull.Request) -> Void = { _ in }
    ) async -> HubError? {
        do {
            try await pull(hub, revision: revision, free: free, change)
            return nil
        } catch {
            return error as? HubError
        }
    }

    /// A file of the model that was pulled.
    func content(_ path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: "\(model)/\(path)").map(Array.init)
    }

    /// The files of the model that was pulled, sorted.
    var paths: [String] {
        (FileManager.default.subpaths(atPath: model) ?? [])
            .filter { path in
                let url = URL(fileURLWithPath: "\(model)/\(path)")
                return (try? url.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory != true
            }
            .sorted()
    }
}

/// Runs `body` with a hub, and stops it after.
func withHub(
    _ script: HubScript = HubScript(),
    _ body: (FakeHub) async throws -> Void
) async throws {
    let hub = try await FakeHub.start(script)
    do {
        try await body(hub)
    } catch {
        await hub.stop()
        throw error
    }
    await hub.stop()
}
