import RagCore
import TestSupport
import Testing

@Suite("Models of other servers")
struct RemoteModelTests {
    private static let down = RagError(.unavailable, "model 'far': down")

    private static func entry(
        dimensions: Int? = nil,
        load: ModelEntry.LoadTime = .firstUse
    ) -> ModelEntry {
        ModelEntry(
            id: "far",
            tokensMax: 64,
            load: load,
            queryPrompt: "query: ",
            remote: RemoteEndpoint(url: "http://peer.example/v1"),
            tokenizer: "all-MiniLM-L6-v2",
            dimensions: dimensions
        )
    }

    private static let ranker = ModelEntry(
        id: "judge",
        kind: .reranker,
        remote: RemoteEndpoint(url: "http://peer.example/v1")
    )

    @Test("documents are embedded by the server, and found by its vectors")
    func ingestAndSearch() async throws {
        let peer = FakePeer()
        try await ServiceFixture.run(
            models: [Self.entry(), Self.ranker],
            defaultModel: "far",
            remote: peer
        ) { fixture in
            try await fixture.addLibrary()
            let info = try await fixture.service.collection(Library.name)
            #expect(info.dimensions == 8 && info.lateInteraction == .none)
            #expect(info.chunkTokensMax <= 62)
            let hits = try await fixture.search(SearchRequest(query: "dough", mode: .dense))
            #expect(hits.count == Library.documents.count)
            #expect(peer.batches.contains(["query: dough"]))
            var request = SearchRequest(query: "dough", limit: 3)
            request.rerank = SearchRequest.Rerank(candidates: 10, model: "judge")
            let ranked = try await fixture.service.search(request, in: Library.name)
            #expect(ranked.hits.map(\.score) == ranked.hits.map { Float($0.text.utf8.count) })
        }
        #expect(peer.isClosed)
    }

    @Test("embeddings and rerank are the server's; fewer dimensions are cut here")
    func ownTexts() async throws {
        let peer = FakePeer()
        try await ServiceFixture.run(models: [Self.entry(), Self.ranker], remote: peer) { fixture in
            let service = fixture.service
            let whole = try await service.embed(EmbedRequest(model: "far", inputs: [.text("ab")]))
            #expect(whole.vectors == [FakePeer.vector("ab", dimension: 8)])
            let half = try await service.embed(
                EmbedRequest(model: "far", inputs: [.text("ab")], dimensions: 4)
            )
            #expect(half.vectors[0].count == 4)
            let ranked = try await service.rerank(
                RerankRequest(model: "judge", query: "q", documents: ["a", "ccc", "bb"])
            )
            #expect(ranked.results.map(\.index) == [1, 2, 0])
            #expect(ranked.model == "judge")
        }
    }

    @Test("what a server cannot give is refused with what to do")
    func refusals() async throws {
        try await ServiceFixture.run(models: [Self.entry(), Self.ranker], remote: FakePeer()) {
            fixture in
            let service = fixture.service
            let ids = await ragError { () throws(RagError) in
                try await service.embed(EmbedRequest(model: "far", inputs: [.tokens([1])]))
            }
            #expect(ids?.message.contains("send text") == true)
            let tokens = await ragError { () throws(RagError) in
                try await service.rerank(RerankRequest(model: "far", query: "q", documents: ["a"]))
            }
            #expect(tokens?.message.contains("name a reranker") == true)
            let codes = await ragError { () throws(RagError) in
                try await service.createCollection(
                    CollectionSpec(name: "c", model: "far", lateInteraction: .signCodes)
                )
            }
            #expect(codes?.param == "late_interaction")
            let long = await ragError { () throws(RagError) in
                try await service.embed(
                    EmbedRequest(
                        model: "far",
                        inputs: [.text(Library.prose(sentences: 20))]
                    )
                )
            }
            #expect(long?.code == "context_length_exceeded")
            let told = await ragError { () throws(RagError) in
                try await service.rerank(
                    RerankRequest(model: "judge", query: "q", documents: ["a"], instruction: "i")
                )
            }
            #expect(told?.param == "instruction")
        }
    }

    @Test("a text that is cut is sent without what was cut")
    func truncates() async throws {
        let peer = FakePeer()
        try await ServiceFixture.run(models: [Self.entry()], remote: peer) { fixture in
            let text = Library.prose(sentences: 20)
            var request = EmbedRequest(model: "far", inputs: [.text(text)])
            request.truncate = true
            #expect(try await fixture.service.embed(request).tokens == 64)
            let sent = try #require(peer.batches.last?.first)
            #expect(text.hasPrefix(sent) && sent.utf8.count < text.utf8.count)
        }
    }

    @Test("the service starts without the server, and uses it when it is there")
    func startsWithout() async throws {
        let peer = FakePeer()
        peer.fail(Self.down)
        try await ServiceFixture.run(
            models: [Self.entry(load: .start)],
            defaultModel: "far",
            remote: peer
        ) { fixture in
            let service = fixture.service
            #expect(service.isReady)
            let request = EmbedRequest(inputs: [.text("a")])
            let error = await ragError { () throws(RagError) in try await service.embed(request) }
            #expect(error?.kind == .unavailable)
            peer.fail(nil)
            let answer = try await service.embed(request)
            #expect(answer.vectors.count == 1)
        }
    }

    @Test("a server with another dimension than the entry's keeps the service from starting")
    func wrongDimension() async throws {
        let peer = FakePeer()
        let data = try TemporaryDirectory()
        let configuration = RagConfiguration(
            dataDirectory: data.path,
            modelsDirectory: try ModelsFolder.path(),
            models: [Self.entry(dimensions: 9)],
            defaultModel: "far"
        )
        let error = await ragError { () throws(RagError) in
            try await RagService.start(configuration: configuration, remote: peer)
        }
        #expect(error?.kind == .upstream)
        #expect(peer.isClosed)
    }

    @Test("a dimension that changes is refused")
    func changedDimension() async throws {
        let peer = FakePeer()
        try await ServiceFixture.run(models: [Self.entry()], remote: peer) { fixture in
            let service = fixture.service
            _ = try await service.embed(EmbedRequest(model: "far", inputs: [.text("a")]))
            peer.answer(dimension: 4)
            let error = await ragError { () throws(RagError) in
                try await service.embed(EmbedRequest(model: "far", inputs: [.text("b")]))
            }
            #expect(error?.kind == .upstream)
        }
    }
}
