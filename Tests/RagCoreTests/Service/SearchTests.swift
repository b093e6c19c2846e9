import RagCore
import Testing
import VectorStore

@Suite("Search")
struct SearchTests {
    @Test("every mode finds the document that answers", arguments: SearchRequest.Mode.allCases)
    func findsTheAnswer(mode: SearchRequest.Mode) async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            let request = SearchRequest(query: "why does a wing stall", limit: 1, mode: mode)
            #expect(try await fixture.search(request) == ["wings"])
        }
    }

    @Test("meaning finds what words do not")
    func meaningBeyondWords() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            let query = "aircraft propulsion"
            let lexical = SearchRequest(query: query, mode: .lexical)
            #expect(try await fixture.search(lexical) == [])
            let dense = SearchRequest(query: query, limit: 1, mode: .dense)
            #expect(try await fixture.search(dense) == ["engines"])
        }
    }

    @Test("a title is searched, and never cited")
    func titles() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            let request = SearchRequest(query: "baking", limit: 1, mode: .lexical)
            let hits = try await fixture.service.search(request, in: Library.name).hits
            #expect(hits.map(\.documentID) == ["bread"])
            #expect(hits[0].text == Library.documents[0].text)
            #expect(hits[0].title == "Baking bread")
            #expect(hits[0].source.name == "kitchen/bread.md")
            #expect(hits[0].source.start == 0)
            #expect(hits[0].source.end == Library.documents[0].text.utf8.count)
        }
    }

    @Test("a filter holds in every mode", arguments: SearchRequest.Mode.allCases)
    func filters(mode: SearchRequest.Mode) async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            let request = SearchRequest(
                query: "the air and the oven and the moon",
                mode: mode,
                filter: .compare(key: "topic", .equal, "food")
            )
            let found = try await fixture.search(request)
            #expect(found.first == "bread")
            #expect(Set(found).isSubset(of: ["bread", "soup"]))
        }
    }

    @Test("a caller's vector finds what its text does")
    func callersVector() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            let embedded = try await fixture.service.embed(
                EmbedRequest(inputs: [.text("jet thrust")], role: .query)
            )
            let byVector = SearchRequest(vector: embedded.vectors[0])
            let byText = SearchRequest(query: "jet thrust", mode: .dense)
            #expect(try await fixture.search(byVector) == (try await fixture.search(byText)))
        }
    }

    @Test("pages are consecutive, and past the end there is nothing")
    func pages() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            let whole = try await fixture.search(SearchRequest(query: "air", mode: .dense))
            #expect(Set(whole).count == 5)
            var pages: [String] = []
            for offset in stride(from: 0, to: 8, by: 2) {
                pages += try await fixture.search(
                    SearchRequest(query: "air", limit: 2, offset: offset, mode: .dense)
                )
            }
            #expect(pages == whole)
        }
    }

    @Test("a rerank orders the same candidates, and says what it compared")
    func reranks() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            let request = SearchRequest(
                query: "what makes dough rise before it is baked",
                limit: 3,
                rerank: SearchRequest.Rerank(candidates: 3),
                explain: true
            )
            let response = try await fixture.service.search(request, in: Library.name)
            #expect(response.hits.count == 3)
            #expect(response.hits.first?.documentID == "bread")
            #expect(response.rerankTokens > 60)
            #expect(
                response.hits.allSatisfy { $0.scores?.rerank != nil && $0.scores?.dense != nil }
            )
            #expect(response.hits.allSatisfy { (0...1).contains($0.score) })
            #expect(
                zip(response.hits, response.hits.dropFirst()).allSatisfy { $0.score >= $1.score }
            )
        }
    }

    @Test("stages are explained when asked, and only then")
    func explains() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            var request = SearchRequest(query: "lentils in stock", limit: 1, explain: true)
            let explained = try await fixture.service.search(request, in: Library.name).hits
            let scores = try #require(explained.first?.scores)
            #expect(scores.dense ?? 0 > 0.3 && scores.lexical ?? 0 > 0)
            #expect(scores.fused == explained[0].score && scores.rerank == nil)
            #expect(abs(explained[0].score - 1) < 1e-6)
            request.explain = false
            let plain = try await fixture.service.search(request, in: Library.name).hits
            #expect(plain.first?.scores == nil)
        }
    }

    @Test(
        "weights decide which ranking hybrid follows",
        arguments: SearchRequest.FusionSettings.Method.allCases
    )
    func weights(method: SearchRequest.FusionSettings.Method) async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            // Words lead to the soup, meaning to the wings.
            let query = "lentils: what lifts an aeroplane"
            for mode in [SearchRequest.Mode.dense, .lexical] {
                let alone = SearchRequest(query: query, limit: 1, mode: mode)
                let fused = SearchRequest(
                    query: query,
                    limit: 1,
                    fusion: SearchRequest.FusionSettings(
                        method: method,
                        denseWeight: mode == .dense ? 1 : 0,
                        lexicalWeight: mode == .lexical ? 1 : 0
                    )
                )
                #expect(try await fixture.search(fused) == (try await fixture.search(alone)))
            }
        }
    }

    @Test("diverse hits begin with the best, and do not repeat it")
    func diverse() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            let bread = Library.documents[0]
            let copies = (0..<5).map {
                DocumentInput(id: "copy\($0)", text: bread.text, title: bread.title)
            }
            _ = try await fixture.service.ingest(copies, into: Library.name)
            var request = SearchRequest(query: "how does bread rise", limit: 3, explain: true)
            request.mode = .dense
            let alike = try await fixture.search(request)
            #expect(alike.allSatisfy { $0 == "bread" || $0.hasPrefix("copy") })
            request.diversity = SearchRequest.Diversity(lambda: 0.3)
            let hits = try await fixture.service.search(request, in: Library.name).hits
            #expect(hits.count == 3)
            #expect(hits[0].documentID == alike[0])
            #expect(hits.dropFirst().allSatisfy { $0.score < hits[0].score })
            #expect(hits.allSatisfy { $0.scores?.marginal != nil })
            // A second page goes on where the first ended.
            request.offset = 3
            let next = try await fixture.service.search(request, in: Library.name).hits
            #expect(Set(next.map(\.chunkID)).isDisjoint(with: hits.map(\.chunkID)))
            request.diversity?.lambda = 1
            request.offset = 0
            #expect(try await fixture.search(request) == alike)
        }
    }

    @Test("one hit a document, its best, when grouped")
    func grouped() async throws {
        try await ServiceFixture.run { fixture in
            let spec = CollectionSpec(
                name: Library.name,
                chunking: CollectionSpec.Chunking(tokensMax: 32, overlapTokens: 0)
            )
            try await fixture.addLibrary(spec)
            let long = DocumentInput(id: "long", text: Library.prose(sentences: 40))
            _ = try await fixture.service.ingest([long], into: Library.name)
            var request = SearchRequest(query: "the violin of the garden", limit: 4, mode: .dense)
            let chunks = try await fixture.search(request)
            #expect(chunks == ["long", "long", "long", "long"])
            request.groupByDocument = true
            let documents = try await fixture.search(request)
            #expect(documents.count == 4 && Set(documents).count == 4)
            #expect(documents.first == "long")
        }
    }

    @Test("context joins a hit's neighbours, and cites all of them")
    func context() async throws {
        try await ServiceFixture.run { fixture in
            let spec = CollectionSpec(
                name: Library.name,
                chunking: CollectionSpec.Chunking(tokensMax: 32, overlapTokens: 0)
            )
            _ = try await fixture.service.createCollection(spec)
            let text = Library.prose(sentences: 30)
            _ = try await fixture.service.ingest(
                [DocumentInput(id: "long", text: text)],
                into: Library.name
            )
            var request = SearchRequest(query: "number 15", limit: 1)
            let alone = try await fixture.service.search(request, in: Library.name).hits[0]
            request.context = 1
            let joined = try await fixture.service.search(request, in: Library.name).hits[0]
            #expect(joined.chunkID == alone.chunkID)
            #expect(joined.source.start < alone.source.start)
            #expect(joined.source.end > alone.source.end)
            let bytes = Array(text.utf8)[joined.source.start..<joined.source.end]
            #expect(joined.text == String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test("hits below the least score are left out")
    func minScore() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            let request = SearchRequest(query: "baking a loaf", mode: .dense, minScore: 0.4)
            #expect(try await fixture.search(request) == ["bread"])
        }
    }

    @Test("the exact scan finds what the graph finds")
    func exact() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            var request = SearchRequest(query: "high water", mode: .dense)
            let graph = try await fixture.search(request)
            request.exact = true
            #expect(try await fixture.search(request) == graph)
        }
    }

    @Test("fewer dimensions serve whole collections")
    func matryoshka() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary(CollectionSpec(name: Library.name, dimensions: 128))
            let request = SearchRequest(
                query: "how to bake a loaf",
                limit: 1,
                rerank: .init(),
                dimensions: 128
            )
            #expect(try await fixture.search(request) == ["bread"])
        }
    }

    @Test("a search of an empty collection finds nothing", arguments: SearchRequest.Mode.allCases)
    func emptyCollection(mode: SearchRequest.Mode) async throws {
        try await ServiceFixture.run { fixture in
            _ = try await fixture.service.createCollection(CollectionSpec(name: Library.name))
            let request = SearchRequest(query: "anything", mode: mode, rerank: .init())
            #expect(try await fixture.search(request) == [])
        }
    }

    private static let badRequests: [(SearchRequest, String)] = [
        (SearchRequest(), "query"),
        (SearchRequest(query: " \n"), "query"),
        (SearchRequest(query: String(repeating: "x", count: 40_000)), "query"),
        (SearchRequest(query: String(repeating: "word ", count: 400)), "query"),
        (SearchRequest(vector: [1, 2, 3]), "vector"),
        (SearchRequest(vector: Array(repeating: .nan, count: 384)), "vector"),
        (SearchRequest(vector: Array(repeating: 1, count: 384), mode: .hybrid), "query"),
        (SearchRequest(vector: Array(repeating: 1, count: 384), rerank: .init()), "rerank"),
        (SearchRequest(query: "x", limit: 0), "limit"),
        (SearchRequest(query: "x", limit: .max), "limit"),
        (SearchRequest(query: "x", offset: -1), "offset"),
        (SearchRequest(query: "x", offset: .max), "offset"),
        (SearchRequest(query: "x", limit: 10, offset: 9_995), "offset"),
        (SearchRequest(query: "x", rerank: .init(candidates: 0)), "rerank.candidates"),
        (SearchRequest(query: "x", rerank: .init(candidates: 9_999)), "rerank.candidates"),
        (SearchRequest(query: "x", limit: 20, offset: 81, rerank: .init()), "rerank.candidates"),
        (SearchRequest(query: "x", rerank: .init(model: "other")), "rerank.model"),
        (SearchRequest(query: "x", rerank: .init(candidates: .max)), "rerank.candidates"),
        (SearchRequest(query: "x", mode: .dense, fusion: .init()), "fusion"),
        (SearchRequest(query: "x", fusion: .init(rankConstant: 0)), "fusion.k"),
        (SearchRequest(query: "x", fusion: .init(rankConstant: 20_000)), "fusion.k"),
        (SearchRequest(query: "x", fusion: .init(method: .weighted, rankConstant: 9)), "fusion.k"),
        (SearchRequest(query: "x", fusion: .init(denseWeight: -1)), "fusion.weights.dense"),
        (SearchRequest(query: "x", fusion: .init(lexicalWeight: .nan)), "fusion.weights.lexical"),
        (SearchRequest(query: "x", fusion: .init(denseWeight: 2_000)), "fusion.weights.dense"),
        (
            SearchRequest(query: "x", fusion: .init(denseWeight: 0, lexicalWeight: 0)),
            "fusion.weights"
        ),
        (SearchRequest(query: "x", diversity: .init(lambda: 1.5)), "mmr.lambda"),
        (SearchRequest(query: "x", diversity: .init(lambda: .nan)), "mmr.lambda"),
        (SearchRequest(query: "x", diversity: .init(candidates: 0)), "mmr.candidates"),
        (SearchRequest(query: "x", diversity: .init(candidates: .max)), "mmr.candidates"),
        (SearchRequest(query: "x", limit: 20, diversity: .init(candidates: 19)), "mmr.candidates"),
        (SearchRequest(query: "x", offset: 2_000, diversity: .init()), "mmr.candidates"),
        (SearchRequest(query: "x", context: 11), "context"),
        (SearchRequest(query: "x", minScore: .infinity), "min_score"),
        (SearchRequest(query: "x", ef: 0), "ef"),
        (SearchRequest(query: "x", dimensions: 256), "dimensions"),
    ]

    @Test("a bad request is refused by the name of its field")
    func badRequests() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            for (request, param) in Self.badRequests {
                let error = await ragError { () throws(RagError) in
                    try await fixture.service.search(request, in: Library.name)
                }
                #expect(error?.kind == .invalid || error?.kind == .tooLarge, "\(param)")
                #expect(error?.param == param)
            }
        }
    }

    @Test("a collection without token codes refuses a rerank, and stores none")
    func withoutLateInteraction() async throws {
        try await ServiceFixture.run { fixture in
            let none = CollectionSpec.LateInteraction.none
            try await fixture.addLibrary(CollectionSpec(name: Library.name, lateInteraction: none))
            let error = await ragError { () throws(RagError) in
                try await fixture.service.search(
                    SearchRequest(query: "x", rerank: .init()),
                    in: Library.name
                )
            }
            #expect(error?.kind == .invalid && error?.param == "rerank")
            let info = try await fixture.service.collection(Library.name)
            #expect(info.bytes.tokenCodes == 0 && info.lateInteraction == none)
        }
    }
}
