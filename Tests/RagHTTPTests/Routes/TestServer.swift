import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import RagCore
import RagHTTP
import StrictJSON
import TestSupport
import VectorStore

/// A server over the real model and an empty data folder, asked without a socket.
struct TestServer: Sendable {
    /// What a request was answered with.
    struct Answer: Sendable {
        let status: Int
        let headers: HTTPFields
        let body: MetadataValue
        let text: String

        /// A part of the body by keys and indexes, `null` where there is none.
        subscript(path: String...) -> MetadataValue {
            path.reduce(body) { value, key in
                switch value {
                case .object(let members): members[key] ?? .null
                case .array(let values):
                    Int(key).flatMap { values.indices.contains($0) ? values[$0] : nil } ?? .null
                default: .null
                }
            }
        }
    }

    let client: any TestClientProtocol

    /// Starts a server, runs `body` and stops it.
    static func run(
        apiKey: String? = nil,
        limits: HTTPLimits = HTTPLimits(),
        models: [ModelEntry] = [],
        memoryByteCountMax: Int? = nil,
        _ body: @Sendable (TestServer) async throws -> Void
    ) async throws {
        let folder = try TemporaryDirectory()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let service = try await RagService.start(
            configuration: RagConfiguration(
                dataDirectory: folder.path,
                modelsDirectory: try ModelsFolder.path(),
                models: models,
                threads: 1,
                memoryByteCountMax: memoryByteCountMax
            ),
            logger: logger
        )
        do {
            let server = try RagHTTPServer(
                service: service,
                configuration: .init(apiKey: apiKey, limits: limits),
                logger: logger
            )
            try await server.application().test(.router) { client in
                try await body(TestServer(client: client))
            }
        } catch {
            await service.shutdown()
            throw error
        }
        await service.shutdown()
    }

    /// Sends a request with a JSON body, or without one.
    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: String? = nil,
        headers: HTTPFields = [:]
    ) async throws -> Answer {
        try await send(method, path, bytes: body.map { Array($0.utf8) }, headers: headers)
    }

    /// Sends a request with a body of any bytes.
    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        bytes: [UInt8]?,
        headers: HTTPFields = [:]
    ) async throws -> Answer {
        var headers = headers
        if bytes != nil, headers[.contentType] == nil { headers[.contentType] = "application/json" }
        return try await client.execute(
            uri: path,
            method: method,
            headers: headers,
            body: bytes.map { ByteBuffer(bytes: $0) }
        ) { response in
            let text = String(buffer: response.body)
            let body = (try? MetadataValue(JSONReader.read(Array(text.utf8)))) ?? .null
            return Answer(
                status: response.status.code,
                headers: response.headers,
                body: body,
                text: text
            )
        }
    }
}
