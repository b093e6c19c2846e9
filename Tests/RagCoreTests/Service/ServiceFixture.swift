import Foundation
import RagCore
import TestSupport

/// A service with the real model over a data directory that goes when the fixture does.
struct ServiceFixture {
    let directory: TemporaryDirectory
    let service: RagService

    /// The folder of models: `RAGD_MODELS`, or `models/` beside the package's manifest.
    static func modelsDirectory() throws -> String {
        if let models = ProcessInfo.processInfo.environment["RAGD_MODELS"] { return models }
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let models = folder.appendingPathComponent("models")
            let model = models.appendingPathComponent("all-MiniLM-L6-v2/config.json")
            if FileManager.default.fileExists(atPath: model.path) { return models.path }
        }
        throw MissingInput("no models/all-MiniLM-L6-v2; run `make model`")
    }

    /// Runs `body` with a service, and shuts the service down whatever happens.
    static func run(
        directory: TemporaryDirectory? = nil,
        threads: Int = 2,
        limits: Limits = Limits(),
        _ body: (ServiceFixture) async throws -> Void
    ) async throws {
        let directory = try directory ?? TemporaryDirectory()
        let configuration = RagConfiguration(
            dataDirectory: directory.path,
            modelsDirectory: try modelsDirectory(),
            threads: threads,
            limits: limits
        )
        let service = try await RagService.start(configuration: configuration)
        do {
            try await body(ServiceFixture(directory: directory, service: service))
        } catch {
            await service.shutdown()
            throw error
        }
        await service.shutdown()
    }
}

/// Something that the tests need is not on this machine.
struct MissingInput: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
