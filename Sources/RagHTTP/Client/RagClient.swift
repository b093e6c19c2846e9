import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
public import RagCore
public import VectorStore

/// A typed client of a running daemon: what the command line and the end-to-end tests speak through.
///
/// Waits and tries again when the daemon says that it is overloaded, as long as it says.
/// Thread safety: a value without state of its own; requests may run side by side.
public struct RagClient: Sendable {
    /// How often one request is tried while the answer is 429 or 503.
    private static let attemptCountMax = 10

    /// Most bytes of one answer: the largest embeddings answer, 2048 vectors of 4096 numbers in
    /// JSON, has about 100 MB.
    private static let answerByteCountMax = 256 << 20

    /// Longest that one answer may take: a request with the largest document on a slow machine.
    private static let timeout = TimeAmount.minutes(15)

    /// Never shut down, since it lives as long as the process.
    ///
    /// The library's shared client would try to connect again and again to a daemon that is not
    /// running.
    private static let http = HTTPClient(
        eventLoopGroupProvider: .singleton,
        configuration: {
            var configuration = HTTPClient.Configuration.singletonConfiguration
            configuration.connectionPool.retryConnectionEstablishment = false
            return configuration
        }()
    )

    private let base: String
    private let apiKey: String?

    /// Makes a client of the daemon at `url`, such as `http://127.0.0.1:7711`.
    public init(url: String, apiKey: String? = nil) {
        base = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.apiKey = apiKey
    }

    // MARK: - Status

    /// Whether the daemon takes requests.
    public func isReady() async -> Bool {
        (try? await send(.GET, "/ready", attempts: 1)) != nil
    }

    /// The daemon's counters in Prometheus's text format.
    public func metrics() async throws(RagClientError) -> String {
        String(buffer: try await send(.GET, "/metrics"))
    }

    /// The daemon's models.
    public func models() async throws(RagClientError) -> [ModelReply] {
        let list: DataList<ModelReply> = try await get("/v1/models")
        return list.data
    }

    // MARK: - Collections

    /// Makes a collection, or finds it as asked for.
    @discardableResult
    public func createCollection(
        _ spec: CollectionSpec
    ) async throws(RagClientError) -> CollectionReply {
        let body = JSONWriter.bytes { json in json.object { spec.write(to: &$0) } }
        return try decode(await send(.PUT, "/v1/collections/\(escape(spec.name))", body))
    }

    /// All collections.
    public func collections() async throws(RagClientError) -> [CollectionReply] {
        let list: CollectionListReply = try await get("/v1/collections")
        return list.collections
    }

    /// One collection, nil when there is none of this name.
    public func collection(_ name: String) async throws(RagClientError) -> CollectionReply? {
        do {
            return try await get("/v1/collections/\(escape(name))")
        } catch  where error.status == 404 {
            return nil
        }
    }

    /// Has a collection's index made anew; what is nil stays as it is.
    public func reindex(
        _ name: String,
        _ index: CollectionSpec.Index
    ) async throws(RagClientError) -> CollectionReply {
        let body = JSONWriter.bytes { json in
            json.object { json in json.object("index") { index.write(to: &$0) } }
        }
        return try decode(await send(.PATCH, "/v1/collections/\(escape(name))", body))
    }

    /// Drops a collection.
    public func deleteCollection(_ name: String) async throws(RagClientError) {
        _ = try await send(.DELETE, "/v1/collections/\(escape(name))")
    }

    // MARK: - Documents

    /// Stores documents: on disk when this returns, except those whose status is `failed`.
    public func ingest(
        _ documents: [DocumentInput],
        into collection: String
    ) async throws(RagClientError) -> [OutcomeReply] {
        let body = JSONWriter.bytes { json in
            json.object { json in
                json.array("documents", documents) { json, document in
                    json.object { document.write(to: &$0) }
                }
            }
        }
        let path = "/v1/collections/\(escape(collection))/documents"
        let reply: OutcomeListReply = try decode(await send(.POST, path, body))
        return reply.documents
    }

    /// One page of a collection's documents.
    public func documents(
        in collection: String,
        cursor: String? = nil,
        limit: Int = 100
    ) async throws(RagClientError) -> DocumentListReply {
        var path = "/v1/collections/\(escape(collection))/documents?limit=\(limit)"
        if let cursor { path += "&cursor=\(escape(cursor))" }
        return try await get(path)
    }

    /// One document with its text, nil when there is none of this id.
    public func document(
        _ id: String,
        in collection: String
    ) async throws(RagClientError) -> DocumentReply? {
        do {
            return try await get(
                "/v1/collections/\(escape(collection))/documents/\(escape(id))"
            )
        } catch  where error.status == 404 && error.code == "document_not_found" {
            return nil
        }
    }

    /// Deletes documents by id.
    ///
    /// - Returns: how many were there.
    @discardableResult
    public func deleteDocuments(
        ids: [String],
        in collection: String
    ) async throws(RagClientError) -> Int {
        let body = JSONWriter.bytes { json in
            json.object { json in json.array("ids", ids) { $0.value($1) } }
        }
        let path = "/v1/collections/\(escape(collection))/documents/delete"
        let reply: DeletedReply = try decode(await send(.POST, path, body))
        return reply.deleted
    }

    // MARK: - Questions

    /// Ranked passages for a question.
    ///
    /// - Parameters:
    ///   - request: everything but the filter, which is ignored here.
    ///   - filter: a filter in the JSON form of docs/API.md.
    ///   - collection: where to search.
    /// - Returns: the hits, best first.
    /// - Throws: `RagClientError` with what the daemon refused, or why it could not be asked.
    public func search(
        _ request: SearchRequest,
        filter: MetadataValue? = nil,
        in collection: String
    ) async throws(RagClientError) -> SearchReply {
        let body = JSONWriter.bytes { json in
            json.object { request.write(to: &$0, filter: filter) }
        }
        return try decode(
            await send(.POST, "/v1/collections/\(escape(collection))/search", body)
        )
    }

    /// The caller's own passages, ranked for a question.
    public func rerank(_ request: RerankRequest) async throws(RagClientError) -> RerankReply {
        let body = JSONWriter.bytes { json in json.object { request.write(to: &$0) } }
        return try decode(await send(.POST, "/v1/rerank", body))
    }

    /// Vectors of the caller's own texts.
    public func embed(_ request: EmbedRequest) async throws(RagClientError) -> EmbeddingsReply {
        let body = JSONWriter.bytes { json in json.object { request.write(to: &$0) } }
        return try decode(await send(.POST, "/v1/embeddings", body))
    }

    // MARK: - Transport

    private func get<Reply: Decodable>(_ path: String) async throws(RagClientError) -> Reply {
        try decode(await send(.GET, path))
    }

    private func decode<Reply: Decodable>(
        _ bytes: ByteBuffer
    ) throws(RagClientError) -> Reply {
        do {
            return try JSONDecoder().decode(Reply.self, from: Data(bytes.readableBytesView))
        } catch {
            throw RagClientError(message: "the answer of \(base) is not one of ragd's: \(error)")
        }
    }

    private func send(
        _ method: HTTPMethod,
        _ path: String,
        _ body: ByteBuffer? = nil,
        attempts: Int = RagClient.attemptCountMax
    ) async throws(RagClientError) -> ByteBuffer {
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        if let apiKey { request.headers.add(name: "authorization", value: "Bearer \(apiKey)") }
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(body)
        }
        do {
            for attempt in 1... {
                let response = try await Self.http.execute(request, timeout: Self.timeout)
                let bytes = try await response.body.collect(upTo: Self.answerByteCountMax)
                let status = Int(response.status.code)
                if (200..<300).contains(status) { return bytes }
                guard status == 429 || status == 503, attempt < attempts else {
                    throw RagClientError(status: status, body: bytes)
                }
                let seconds = response.headers.first(name: "retry-after").flatMap { Int($0) }
                try await Task.sleep(for: .seconds(min(max(seconds ?? 1, 1), 30)))
            }
        } catch let error as RagClientError {
            throw error
        } catch {
            throw RagClientError(
                message: "cannot reach ragd at \(base): \(error); is 'ragd serve' running there?"
            )
        }
        preconditionFailure("the loop ends by returning or throwing")
    }

    /// One part of a path or query, percent-encoded: slashes too, for ids are often paths.
    private func escape(_ text: String) -> String {
        let unreserved = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
        )
        // Never nil: every string can be percent-encoded.
        return text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? text
    }
}
