import HTTPTypes
import RagHTTP
import Testing
import VectorStore

@Suite("Collection, document and search routes")
struct CollectionRouteTests {
    private static let documents = """
        {"documents":[
         {"id":"tides/1","title":"Tides","text":"The Moon raises two high waters a day.",
          "metadata":{"topic":"sea","year":2024},"source":"https://example.org/tides"},
         {"id":"bread","text":"Knead the dough and let it rise overnight.",
          "metadata":{"topic":"food","year":2020}}]}
        """

    @Test("make, list, describe and drop collections")
    func collectionLifeCycle() async throws {
        try await TestServer.run { server in
            let made = try await server.send(.put, "/v1/collections/notes")
            #expect(made.status == 201)
            #expect(made["name"] == "notes")
            #expect(made["dimensions"] == 384)
            #expect(made["late_interaction"] == "sign_codes")
            #expect(try await server.send(.put, "/v1/collections/notes").status == 200)
            let other = try await server.send(
                .put,
                "/v1/collections/notes",
                #"{"metric":"dot","index":{"m":8}}"#
            )
            #expect(other.status == 409)
            let list = try await server.send(.get, "/v1/collections")
            #expect(list["collections", "0", "name"] == "notes")
            let dropped = try await server.send(.delete, "/v1/collections/notes")
            #expect(dropped.text == #"{"name":"notes","deleted":true}"#)
            #expect(try await server.send(.get, "/v1/collections/notes").status == 404)
            #expect(try await server.send(.delete, "/v1/collections/notes").status == 404)
        }
    }

    @Test("what a search measures, and where vectors are, is chosen when a collection is made")
    func indexChoices() async throws {
        try await TestServer.run { server in
            let made = try await server.send(.put, "/v1/collections/notes")
            #expect(made["index", "quantization"] == "int8")
            #expect(made["index", "vectors"] == "memory")
            for (name, member, value) in [
                ("plain", "quantization", "none"), ("large", "vectors", "disk"),
            ] {
                let made = try await server.send(
                    .put,
                    "/v1/collections/\(name)",
                    #"{"index":{"\#(member)":"\#(value)"}}"#
                )
                #expect(made.status == 201 && made["index", member] == .string(value))
                let again = try await server.send(.put, "/v1/collections/\(name)")
                #expect(again.status == 409 && again.text.contains(value), "\(again.text)")
            }
            for (body, word) in [
                (#"{"index":{"quantization":"int4"}}"#, "index.quantization"),
                (#"{"index":{"vectors":"tape"}}"#, "index.vectors"),
                (#"{"index":{"vectors":"disk","quantization":"none"}}"#, "int8"),
            ] {
                let answer = try await server.send(.put, "/v1/collections/other", body)
                #expect(answer.status == 400 && answer.text.contains(word), "\(answer.text)")
            }
        }
    }

    @Test("stem words by the collection's language, and name the nearest of one that is not known")
    func language() async throws {
        try await TestServer.run { server in
            let path = "/v1/collections/deutsch"
            let made = try await server.send(.put, path, #"{"language":"german"}"#)
            #expect(made.status == 201 && made["language"] == "german", "\(made.text)")
            #expect(try await server.send(.put, path).status == 200)
            let other = try await server.send(.put, path, #"{"language":"english"}"#)
            #expect(other.status == 409 && other.text.contains("language is german"))
            let wrong = try await server.send(.put, path, #"{"language":"germann"}"#)
            #expect(wrong.status == 400 && wrong["error", "param"] == "language")
            #expect(wrong.text.contains(#"did you mean \"german\"?"#), "\(wrong.text)")
            let plain = try await server.send(.put, "/v1/collections/plain")
            #expect(plain["language"] == "english")

            _ = try await server.send(
                .post,
                path + "/documents",
                #"{"documents":[{"id":"a","text":"Die Häuser am Fluss"},{"id":"b","text":"北京大学 ABC-123"}]}"#
            )
            for (query, id) in [("Haus", "a"), ("大学", "b"), ("abc-123", "b"), ("ABC", "b")] {
                let found = try await server.send(
                    .post,
                    path + "/search",
                    #"{"query":"\#(query)","mode":"lexical"}"#
                )
                #expect(found["hits", "0", "document_id"] == .string(id), "\(query): \(found.text)")
                #expect(found["hits", "1"] == .null)
            }
        }
    }

    @Test("fuse and diversify as asked, and name the field of what cannot be")
    func fusionAndDiversity() async throws {
        try await TestServer.run { server in
            _ = try await server.send(.put, "/v1/collections/notes")
            _ = try await server.send(.post, "/v1/collections/notes/documents", Self.documents)
            let path = "/v1/collections/notes/search"
            for options in [
                #""fusion":{"method":"rrf","k":10,"weights":{"dense":0.5}}"#,
                #""fusion":{"method":"weighted","weights":{"dense":1,"lexical":2}}"#,
                #""mmr":true"#, #""mmr":{"lambda":0.7,"candidates":20},"rerank":true"#,
                #""mmr":{},"group_by":"document","fusion":{}"#, #""mmr":false"#,
            ] {
                let body = #"{"query":"high waters of the Moon","explain":true,\#(options)}"#
                let found = try await server.send(.post, path, body)
                #expect(found.status == 200, "\(options): \(found.text)")
                #expect(found["hits", "0", "document_id"] == "tides/1")
                let isDiverse = options.contains("mmr") && !options.contains("false")
                #expect((found["hits", "0", "scores", "mmr"] != .null) == isDiverse)
            }
            for (options, param, text) in [
                (
                    #""fusion":{"method":"weigted"}"#, "fusion.method",
                    #"did you mean \"weighted\"?"#
                ),
                (#""fusion":{"weights":{"lexcial":1}}"#, "fusion.weights.lexcial", "lexical"),
                (#""fusion":{"weights":{"dense":-1}}"#, "fusion.weights.dense", "-1"),
                (#""fusion":"rrf""#, "fusion", "object"),
                (#""fusion":{"k":0}"#, "fusion.k", "10000"),
                (#""mode":"dense","fusion":{}"#, "fusion", "hybrid"),
                (#""mmr":{"lamda":1}"#, "mmr.lamda", "lambda"),
                (#""mmr":{"lambda":2}"#, "mmr.lambda", "2"),
                (#""mmr":0.5"#, "mmr", "object"),
                (#""mmr":{"candidates":5},"limit":6"#, "mmr.candidates", "6"),
            ] {
                let refused = try await server.send(.post, path, #"{"query":"x",\#(options)}"#)
                #expect(refused.status == 400 || refused.status == 413, "\(options)")
                #expect(refused["error", "param"] == .string(param), "\(refused.text)")
                #expect(refused.text.contains(text), "\(refused.text)")
            }
        }
    }

    @Test("an index is made anew with what is given, and nothing else of a collection changes")
    func reindex() async throws {
        try await TestServer.run { server in
            _ = try await server.send(.put, "/v1/collections/notes")
            let stored = try await server.send(
                .post,
                "/v1/collections/notes/documents",
                #"{"documents":[{"id":"a","text":"Small waves."}]}"#
            )
            #expect(stored.status == 200)
            let asked = try await server.send(
                .patch,
                "/v1/collections/notes",
                #"{"index":{"vectors":"disk","m":8}}"#
            )
            #expect(asked.status == 202 && asked["index", "reindex", "vectors"] == "disk")
            #expect(asked["index", "vectors"] == "memory")
            var info = asked
            for _ in 0..<400 where info["index", "reindex"] != .null {
                try await Task.sleep(for: .milliseconds(25))
                info = try await server.send(.get, "/v1/collections/notes")
            }
            #expect(info["index", "vectors"] == "disk" && info["index", "m"] == .integer(8))
            #expect(info["index", "ef_construction"] == .integer(200))
            #expect(info["memory", "vectors"] == .integer(0))
            for (body, word) in [
                (#"{}"#, "index"), (#"{"index":{"m":1}}"#, "2...128"),
                (#"{"index":{"quantization":"none"}}"#, "disk"),
                (#"{"index":{"M":8}}"#, "index.M"), (#"{"index":{},"model":"x"}"#, "model"),
            ] {
                let answer = try await server.send(.patch, "/v1/collections/notes", body)
                #expect(answer.status == 400 && answer.text.contains(word), "\(answer.text)")
            }
            let missing = try await server.send(.patch, "/v1/collections/none", #"{"index":{}}"#)
            #expect(missing.status == 404)
        }
    }

    @Test(
        "memory is reported by part, and a document that does not fit into it fails with the numbers"
    )
    func memory() async throws {
        // The page caches of five connections, and half a mebibyte.
        let byteCountMax = 5 * 8 << 20 + 512 << 10
        try await TestServer.run(memoryByteCountMax: byteCountMax) { server in
            _ = try await server.send(.put, "/v1/collections/notes")
            var answer = try await server.send(
                .post,
                "/v1/collections/notes/documents",
                #"{"documents":[{"id":"a","text":"Small waves."}]}"#
            )
            #expect(answer.status == 200)
            let info = try await server.send(.get, "/v1/collections/notes")
            for part in ["vectors", "codes", "graph", "keys", "words", "metadata", "total"] {
                let member = info["memory", part]
                #expect(member != .null && (part == "metadata" || member != .integer(0)), "\(part)")
            }
            let text = String(repeating: "Tides rise and fall twice a day. ", count: 20_000)
            answer = try await server.send(
                .post,
                "/v1/collections/notes/documents",
                #"{"documents":[{"id":"b","text":"\#(text)"}]}"#
            )
            #expect(answer["documents", "0", "status"] == "failed", "\(answer.text.prefix(500))")
            #expect(answer["documents", "0", "error", "code"] == "memory_limit")
            #expect(answer.text.contains("MiB"))
            answer = try await server.send(
                .patch,
                "/v1/collections/notes",
                #"{"index":{"m":128}}"#
            )
            #expect(answer.status == 202)
        }
    }

    @Test("store, list, read and delete documents")
    func documentLifeCycle() async throws {
        try await TestServer.run { server in
            _ = try await server.send(.put, "/v1/collections/notes")
            let path = "/v1/collections/notes/documents"
            let stored = try await server.send(.post, path, Self.documents)
            #expect(stored.status == 200, "\(stored.text)")
            #expect(stored["documents", "0", "status"] == "created")
            #expect(stored["documents", "0", "id"] == "tides/1")
            let again = try await server.send(.post, path, Self.documents)
            #expect(again["documents", "1", "status"] == "unchanged")

            let first = try await server.send(.get, path + "?limit=1")
            guard case .string(let cursor) = first["next_cursor"] else {
                Issue.record("no cursor in \(first.text)")
                return
            }
            let second = try await server.send(.get, path + "?limit=1&cursor=\(cursor)")
            #expect(second["documents", "0", "id"] != first["documents", "0", "id"])
            #expect(second["next_cursor"] == .null)
            let filter = "%7B%22key%22:%22topic%22,%22eq%22:%22sea%22%7D"
            let filtered = try await server.send(.get, path + "?filter=\(filter)")
            #expect(filtered["documents", "0", "id"] == "tides/1")
            #expect(filtered["documents", "1"] == .null)

            let read = try await server.send(.get, path + "/tides%2F1")
            #expect(read["text"] == "The Moon raises two high waters a day.")
            #expect(read["chunks", "0", "start"] == 0)
            #expect(try await server.send(.delete, path + "/tides%2F1").text == #"{"deleted":1}"#)
            #expect(try await server.send(.delete, path + "/tides%2F1").status == 404)
            let deleted = try await server.send(
                .post,
                path + "/delete",
                #"{"filter":{"key":"year","lt":2021}}"#
            )
            #expect(deleted["deleted"] == 1)
            let both = try await server.send(.post, path + "/delete", #"{"ids":[],"filter":{}}"#)
            #expect(both.status == 400)
        }
    }

    @Test(
        "answer a search with passages, sources and, when asked, scores",
        arguments: [false, true]
    )
    func searches(explain: Bool) async throws {
        try await TestServer.run { server in
            _ = try await server.send(.put, "/v1/collections/notes")
            _ = try await server.send(.post, "/v1/collections/notes/documents", Self.documents)
            let found = try await server.send(
                .post,
                "/v1/collections/notes/search",
                """
                {"query":"why are there two high tides?","rerank":true,"limit":1,
                 "filter":{"key":"year","gte":2000},"explain":\(explain)}
                """
            )
            #expect(found.status == 200, "\(found.text)")
            #expect(found["hits", "0", "document_id"] == "tides/1")
            #expect(found["hits", "0", "source", "start"] == 0)
            #expect(found["hits", "0", "source", "end"] == 38)
            #expect(found["hits", "0", "metadata", "topic"] == "sea")
            #expect(found["hits", "1"] == .null)
            #expect((found["hits", "0", "scores"] != .null) == explain)
            #expect((found["timing_ms"] != .null) == explain)
        }
    }

    @Test("name one document that fails and keep the others")
    func keepsTheOthers() async throws {
        try await TestServer.run { server in
            _ = try await server.send(.put, "/v1/collections/notes")
            let id = String(repeating: "x", count: 600)
            let stored = try await server.send(
                .post,
                "/v1/collections/notes/documents",
                "{\"documents\":[{\"id\":\"\(id)\",\"text\":\"a\"},{\"id\":\"b\",\"text\":\"b\"}]}"
            )
            #expect(stored.status == 200)
            #expect(stored["documents", "0", "status"] == "failed")
            #expect(stored["documents", "0", "error", "message"] != .null)
            #expect(stored["documents", "1", "status"] == "created")
        }
    }
}
