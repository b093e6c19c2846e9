import Foundation
import RagCore
import TestSupport
import Testing

@Suite("Model registry")
struct ModelRegistryTests {
    private static let folder = "all-MiniLM-L6-v2"

    private static func entry(
        _ id: String = "mini",
        aliases: [String] = [],
        tokensMax: Int? = nil
    ) -> ModelEntry {
        ModelEntry(id: id, aliases: aliases, folder: folder, tokensMax: tokensMax)
    }

    /// The error that keeps a service from starting.
    private func refusal(
        _ models: [ModelEntry],
        defaultModel: String = folder
    ) async throws -> RagError? {
        let data = try TemporaryDirectory()
        let configuration = RagConfiguration(
            dataDirectory: data.path,
            modelsDirectory: try ModelsFolder.path(),
            models: models,
            defaultModel: defaultModel
        )
        return await ragError { () throws(RagError) in
            try await RagService.start(configuration: configuration).shutdown()
        }
    }

    @Test("a request may name a model by an alias; answers give its id")
    func aliases() async throws {
        let entry = Self.entry(aliases: ["text-embedding-3-small", Self.folder])
        try await ServiceFixture.run(models: [entry], defaultModel: Self.folder) { fixture in
            let service = fixture.service
            let vectors = try await service.embed(
                EmbedRequest(model: "text-embedding-3-small", inputs: [.text("a")])
            )
            #expect(vectors.model == "mini")
            let rerank = try await service.rerank(
                RerankRequest(model: Self.folder, query: "a", documents: ["b"])
            )
            #expect(rerank.model == "mini")
            let models = try await service.models()
            let info = try #require(models.first { $0.name == "mini" })
            #expect(info.aliases == entry.aliases && info.isLoaded && info.dimensions == 384)
            #expect(!models.contains { $0.name == Self.folder })
            var spec = CollectionSpec(name: Library.name, model: "text-embedding-3-small")
            try await fixture.addLibrary(spec)
            #expect(try await service.collection(Library.name).model == "mini")
            spec.model = "mini"
            #expect(try await service.createCollection(spec).created == false)
            for name in [nil, "mini", Self.folder] {
                let request = SearchRequest(query: "dough", limit: 1, model: name)
                #expect(try await fixture.search(request) == ["bread"])
            }
        }
    }

    @Test("a search by another model than the collection's is refused by both names")
    func boundToOne() async throws {
        let models = [Self.entry(), Self.entry("other", aliases: ["mini-2"])]
        try await ServiceFixture.run(models: models, defaultModel: "mini") { fixture in
            try await fixture.addLibrary()
            for name in ["other", "mini-2", "nope", "../mini"] {
                let request = SearchRequest(query: "dough", model: name)
                let error = await ragError { () throws(RagError) in
                    try await fixture.service.search(request, in: Library.name)
                }
                #expect(error?.kind == .invalid && error?.code == "model_mismatch")
                #expect(error?.message.contains("bound to the model 'mini'") == true)
                #expect(error?.message.contains("'\(name)'") == true)
            }
        }
    }

    @Test("a collection outlives the renaming of its model when the old name is an alias")
    func renamed() async throws {
        let directory = try TemporaryDirectory()
        try await ServiceFixture.run(directory: directory) { try await $0.addLibrary() }
        let entry = Self.entry(aliases: [Self.folder])
        try await ServiceFixture.run(
            directory: directory,
            models: [entry],
            defaultModel: "mini"
        ) { fixture in
            let found = try await fixture.search(SearchRequest(query: "dough", limit: 1))
            #expect(found == ["bread"])
            let spec = CollectionSpec(name: Library.name, model: "mini")
            #expect(try await fixture.service.createCollection(spec).created == false)
        }
    }

    @Test("a lower limit holds for embeddings, chunks and queries")
    func lowerLimit() async throws {
        let long = Library.prose(sentences: 12)
        try await ServiceFixture.run(
            models: [Self.entry(tokensMax: 32)],
            defaultModel: "mini"
        ) { fixture in
            let service = fixture.service
            var request = EmbedRequest(inputs: [.text(long)])
            var error = await ragError { () throws(RagError) in try await service.embed(request) }
            #expect(error?.code == "context_length_exceeded")
            #expect(error?.message.contains("32") == true)
            request.truncate = true
            #expect(try await service.embed(request).tokens == 32)
            try await fixture.addLibrary()
            let info = try await service.collection(Library.name)
            #expect(info.chunkTokensMax == 30 && info.chunks > Library.documents.count)
            error = await ragError { () throws(RagError) in
                try await service.search(SearchRequest(query: long), in: Library.name)
            }
            #expect(error?.code == "context_length_exceeded")
            #expect(try await service.models().first { $0.name == "mini" }?.tokensMax == 32)
        }
    }

    @Test("documents are refused when the limit was lowered below a collection's chunks")
    func lowerThanChunks() async throws {
        let directory = try TemporaryDirectory()
        try await ServiceFixture.run(directory: directory) { try await $0.addLibrary() }
        let entry = Self.entry(aliases: [Self.folder], tokensMax: 64)
        try await ServiceFixture.run(
            directory: directory,
            models: [entry],
            defaultModel: "mini"
        ) { fixture in
            let document = DocumentInput(id: "new", text: Library.prose(sentences: 40))
            let error = await ragError { () throws(RagError) in
                try await fixture.service.ingest([document], into: Library.name)
            }
            #expect(error?.kind == .conflict)
            #expect(error?.message.contains("254") == true)
            let found = try await fixture.search(SearchRequest(query: "dough", limit: 1))
            #expect(found == ["bread"])
        }
    }

    @Test("what is to be loaded at start and cannot be keeps the service from starting")
    func loadsAtStart() async throws {
        var broken = ModelEntry(id: "gone", folder: "/nonexistent/model", load: .start)
        var error = try await refusal([broken])
        #expect(error?.message.contains("'gone'") == true)
        #expect(error?.message.contains("/nonexistent/model") == true)
        broken.load = .firstUse
        #expect(try await refusal([broken]) == nil)
        error = try await refusal([broken], defaultModel: "nope")
        #expect(error?.code == "model_not_found")
        var entry = Self.entry(tokensMax: 257)
        entry.load = .start
        error = try await refusal([entry], defaultModel: "mini")
        #expect(error?.message.contains("257") == true && error?.message.contains("256") == true)
        entry.tokensMax = 256
        #expect(try await refusal([entry], defaultModel: "mini") == nil)
    }

    @Test("two models never answer to one name")
    func namesAreDistinct() async throws {
        for models in [
            [Self.entry("a"), Self.entry("a")],
            [Self.entry("a", aliases: ["b"]), Self.entry("b")],
            [ModelEntry(id: "a", aliases: [Self.folder], folder: "/nonexistent/model")],
            [ModelEntry(id: Self.folder, folder: "/nonexistent/model"), Self.entry(Self.folder)],
        ] {
            let error = try await refusal(models)
            #expect(error?.kind == .invalid)
            #expect(error?.message.contains("is taken by") == true, "\(models)")
        }
    }

    @Test("a name that is a path or a URL names nothing")
    func namesAreNoPaths() async throws {
        let absolute = try ModelsFolder.path() + "/" + Self.folder
        try await ServiceFixture.run { fixture in
            for name in [
                absolute, "./\(Self.folder)", "../models/\(Self.folder)", "\(Self.folder)/",
                "\(Self.folder)/../\(Self.folder)", "file://\(absolute)", "", ".", "..", "a\0b",
                "https://example.org/\(Self.folder)", Self.folder.uppercased(),
            ] {
                let embed = EmbedRequest(model: name, inputs: [.text("a")])
                let rerank = RerankRequest(model: name, query: "a", documents: ["b"])
                let spec = CollectionSpec(name: "c", model: name)
                let service = fixture.service
                let errors = [
                    await ragError { () throws(RagError) in try await service.embed(embed) },
                    await ragError { () throws(RagError) in try await service.rerank(rerank) },
                    await ragError { () throws(RagError) in
                        try await service.createCollection(spec)
                    },
                ]
                #expect(errors.allSatisfy { $0?.code == "model_not_found" }, "\(name)")
            }
        }
    }

    /// A reranker of tiny sizes with random weights.
    private static func reranker(_ name: String, load: ModelEntry.LoadTime) -> ModelEntry {
        let folder = ModelsFolder.packageRoot
            .appendingPathComponent("Tests/EmbedderTests/Fixtures/rerankers/\(name)").path
        return ModelEntry(id: name, folder: folder, load: load)
    }

    @Test("an entry's limit and instruction hold for a reranker")
    func rerankerEntry() async throws {
        var entry = Self.reranker("qwen3-tied", load: .firstUse)
        var plain = entry
        plain.id = "plain"
        entry.tokensMax = 256
        entry.instruction = "Find prices."
        try await ServiceFixture.run(models: [entry, plain]) { fixture in
            let service = fixture.service
            let unloaded = try await service.models().first { $0.name == "plain" }
            #expect(unloaded?.kind == .reranker && unloaded?.isLoaded == false)
            let long = String(repeating: "no ", count: 60)
            var request = RerankRequest(model: entry.id, query: "a", documents: ["b", long])
            let limited = try await service.rerank(request).results
            #expect(limited.filter(\.isTruncated).map(\.index) == [1])
            request.model = "plain"
            request.documents = ["b"]
            request.documents = [long]
            #expect(try await service.rerank(request).results[0].isTruncated == false)
            request.documents = ["b"]
            let standard = try await service.rerank(request).results[0].score
            request.instruction = "Find prices."
            let told = try await service.rerank(request).results[0].score
            let own = try #require(limited.first { $0.index == 0 }).score
            #expect(abs(own - told) < 1e-5 && abs(own - standard) > 1e-6)
        }
    }

    @Test("what a model cannot be held to is refused when it is loaded")
    func refusesAtLoad() async throws {
        var changes: [(ModelEntry, String)] = []
        var entry = Self.reranker("bert", load: .start)
        entry.kind = .embedding
        changes.append((entry, "kind is embedding"))
        entry.kind = .reranker
        entry.instruction = "t"
        changes.append((entry, "takes no instruction"))
        entry.instruction = nil
        entry.queryPrompt = "q"
        changes.append((entry, "query_prompt"))
        entry.queryPrompt = nil
        entry.tokensMax = 1_000_000
        changes.append((entry, "max_tokens is 1000000"))
        for (entry, part) in changes {
            let error = try await refusal([entry])
            #expect(error?.message.contains(part) == true, "\(String(describing: error))")
            #expect(error?.message.contains("'bert'") == true)
        }
        entry.tokensMax = nil
        #expect(try await refusal([entry]) == nil)
    }
}
