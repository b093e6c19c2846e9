import HTTPTypes
import RagHTTP
import Testing
import VectorStore

@Suite("What surrounds the routes")
struct MiddlewareTests {
    @Test("asks for the key everywhere but on health and readiness")
    func asksForKey() async throws {
        try await TestServer.run(apiKey: "s3cret") { server in
            for path in ["/health", "/ready"] {
                #expect(try await server.send(.get, path).status == 200)
            }
            let bare = try await server.send(.get, "/v1/models")
            #expect(bare.status == 401)
            #expect(bare["error", "code"] == "missing_api_key")
            #expect(bare["error", "type"] == "authentication_error")
            #expect(bare.headers[.wwwAuthenticate] == "Bearer")
            for credentials in [
                "Bearer ", "Bearer s3cre", "Bearer s3crett", "Bearer S3CRET", "s3cret",
                "Basic s3cret",
            ] {
                let answer = try await server.send(
                    .get,
                    "/v1/models",
                    headers: [.authorization: credentials]
                )
                #expect(answer.status == 401, "\(credentials)")
            }
            for credentials in ["Bearer s3cret", "bearer s3cret"] {
                let answer = try await server.send(
                    .get,
                    "/v1/models",
                    headers: [.authorization: credentials]
                )
                #expect(answer.status == 200, "\(credentials)")
            }
        }
    }

    @Test("answers a missing key before it looks at the body")
    func keyBeforeBody() async throws {
        var limits = HTTPLimits()
        limits.bodyByteCountMax = 16
        try await TestServer.run(apiKey: "k", limits: limits) { server in
            let large = String(repeating: " ", count: 100)
            let keyless = try await server.send(.post, "/v1/embeddings", large)
            #expect(keyless.status == 401)
            let nowhere = try await server.send(.post, "/nowhere", large)
            #expect(nowhere.status == 404)
        }
    }

    @Test("gives every answer a request id, the caller's own where it is sane")
    func namesRequests() async throws {
        let name = try #require(HTTPField.Name("x-request-id"))
        try await TestServer.run { server in
            for (sent, isKept) in [
                ("abc-1.2_3", true), ("has space", false), ("new\tline", false),
                (String(repeating: "a", count: 129), false), ("é", false),
            ] {
                for path in ["/health", "/nowhere", "/v1/collections/none"] {
                    let answer = try await server.send(.get, path, headers: [name: sent])
                    let received = try #require(answer.headers[name])
                    #expect((received == sent) == isKept, "\(sent) on \(path)")
                }
            }
        }
    }

    @Test("answers 405 with the methods that there are")
    func namesMethods() async throws {
        try await TestServer.run { server in
            let answer = try await server.send(.options, "/v1/collections/x")
            #expect(answer.status == 405)
            #expect(answer.headers[.allow] == "DELETE, GET, HEAD, PATCH, PUT")
            #expect(answer["error", "code"] == "method_not_allowed")
            #expect(try await server.send(.head, "/health").status == 200)
        }
    }

    @Test("counts requests by route, never by path")
    func countsRequests() async throws {
        try await TestServer.run { server in
            _ = try await server.send(.get, "/v1/collections/secret-name")
            let text = try await server.send(.get, "/metrics").text
            #expect(text.contains("ragd_http_request_seconds_count"))
            #expect(
                text.contains("/v1/collections/{name}") || text.contains("/v1/collections/:name")
            )
            #expect(!text.contains("secret-name"))
        }
    }

    @Test("describes exactly the routes that there are")
    func describesItself() async throws {
        try await TestServer.run { server in
            guard case .object(let paths) = try await server.send(.get, "/openapi.json")["paths"]
            else {
                Issue.record("there are no paths in /openapi.json")
                return
            }
            #expect(paths.count == 15)
            for (path, operations) in paths {
                guard case .object(let methods) = operations else { continue }
                let url = path.replacing("{", with: "").replacing("}", with: "")
                // The methods that Allow names beside HEAD are those described.
                let answer = try await server.send(.options, url)
                let allowed = Set((answer.headers[.allow] ?? "").split(separator: ", "))
                let described = Set(methods.keys.map { Substring($0.uppercased()) })
                #expect(allowed.subtracting(["HEAD"]) == described, "\(path)")
            }
        }
    }
}
