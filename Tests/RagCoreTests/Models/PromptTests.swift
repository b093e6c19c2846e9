import RagCore
import TestSupport
import Testing

/// MiniLM has no prompts of its own, so each vector shows which words stood before the text.
@Suite("Prompts of models, collections and requests")
struct PromptTests {
    private func vector(
        _ text: String,
        _ service: RagService,
        _ change: (inout EmbedRequest) -> Void = { _ in }
    ) async throws -> [Float] {
        var request = EmbedRequest(inputs: [.text(text)])
        change(&request)
        return try await service.embed(request).vectors[0]
    }

    private let entry = ModelEntry(
        id: "mini",
        folder: "all-MiniLM-L6-v2",
        documentPrompt: "passage: ",
        instruction: "find it"
    )

    @Test("an embeddings request takes a prompt by role, name, words or task")
    func embeddings() async throws {
        try await ServiceFixture.run(models: [entry], defaultModel: "mini") { fixture in
            let service = fixture.service
            let query = try await vector("Instruct: find it\nQuery:tides", service)
            let passage = try await vector("passage: tides", service)
            let changes: [((inout EmbedRequest) -> Void, [Float])] = [
                ({ $0.role = .query }, query), ({ $0.role = .document }, passage),
                ({ $0.prompt = .name("query") }, query),
                ({ $0.prompt = .name("document") }, passage),
                ({ $0.prompt = .text("passage: ") }, passage),
                ({ $0.prompt = .instruction("find it") }, query),
                (
                    {
                        $0.role = .query
                        $0.prompt = .text("passage: ")
                    }, passage
                ),
            ]
            for (change, expected) in changes {
                #expect(try await vector("tides", service, change) == expected)
            }
            var unknown = EmbedRequest(inputs: [.text("a")])
            unknown.prompt = .name("quary")
            let error = await ragError { () throws(RagError) in try await service.embed(unknown) }
            #expect(error?.param == "prompt_name")
            #expect(error?.message.contains("'document', 'query'") == true)
        }
    }

    @Test("a collection's prompts are used for its chunks and queries, a search's before them")
    func collections() async throws {
        try await ServiceFixture.run(models: [entry], defaultModel: "mini") { fixture in
            let service = fixture.service
            let spec = CollectionSpec(
                name: "c",
                chunking: .init(tokensMax: 200),
                documentPrompt: "text: ",
                instruction: "answer"
            )
            let (info, _) = try await service.createCollection(spec)
            #expect(info.queryPrompt == "Instruct: answer\nQuery:")
            #expect(info.documentPrompt == "text: ")
            _ = try await service.ingest([DocumentInput(id: "d", text: "tides")], into: "c")
            let stored = try await vector("text: tides", service)
            let found = try await service.search(
                SearchRequest(vector: stored, explain: true),
                in: "c"
            )
            #expect(try #require(found.hits.first?.score) > 0.9999)
            func score(_ request: SearchRequest) async throws -> Float {
                var request = request
                request.mode = .dense
                return try #require(try await service.search(request, in: "c").hits.first?.score)
            }
            func expected(_ text: String) async throws -> Float {
                let query = try await vector(text, service)
                return zip(query, stored).reduce(0) { $0 + $1.0 * $1.1 }
            }
            let own = try await score(SearchRequest(query: "moon"))
            #expect(abs(own - (try await expected("Instruct: answer\nQuery:moon"))) < 1e-4)
            let words = try await score(SearchRequest(query: "moon", queryPrompt: "q: "))
            #expect(abs(words - (try await expected("q: moon"))) < 1e-4)
            let none = try await score(SearchRequest(query: "moon", queryPrompt: ""))
            #expect(abs(none - (try await expected("moon"))) < 1e-4)
            let task = try await score(SearchRequest(query: "moon", instruction: "t"))
            #expect(abs(task - (try await expected("Instruct: t\nQuery:moon"))) < 1e-4)
        }
    }

    @Test("a changed document prompt is noticed: searches go on, new documents are refused by name")
    func changedDocumentPrompt() async throws {
        let directory = try TemporaryDirectory()
        func run(_ prompt: String?, _ body: (RagService) async throws -> Void) async throws {
            let entry = ModelEntry(
                id: "mini",
                folder: "all-MiniLM-L6-v2",
                documentPrompt: prompt
            )
            try await ServiceFixture.run(
                directory: directory,
                models: [entry],
                defaultModel: "mini"
            ) { try await body($0.service) }
        }
        let document = DocumentInput(id: "d", text: "tides")
        let other = DocumentInput(id: "e", text: "moon")
        try await run("passage: ") { service in
            _ = try await service.createCollection(CollectionSpec(name: "c"))
            _ = try await service.createCollection(
                CollectionSpec(
                    name: "own",
                    chunking: .init(tokensMax: 200),
                    documentPrompt: "text: "
                )
            )
            for name in ["c", "own"] { _ = try await service.ingest([document], into: name) }
        }
        try await run("text: ") { service in
            let error = await ragError { () throws(RagError) in
                try await service.ingest([other], into: "c")
            }
            #expect(error?.kind == .conflict && error?.code == "document_prompt_changed")
            #expect(error?.message.contains("\"passage: \", and now it has \"text: \"") == true)
            #expect(
                try await service.search(SearchRequest(query: "tides"), in: "c").hits.count == 1
            )
            // What is there already changes nothing, and may be asked for again.
            let outcomes = try await service.ingest([document], into: "c")
            #expect(outcomes.map(\.status) == [.unchanged])
            let (_, created) = try await service.createCollection(CollectionSpec(name: "c"))
            #expect(!created)
            _ = try await service.ingest([other], into: "own")
        }
        try await run("passage: ") { service in
            let outcomes = try await service.ingest([other], into: "c")
            #expect(outcomes.map(\.status) == [.created])
        }
    }

    @Test("two prompts at once, another of a collection, and one too long are refused")
    func refusals() async throws {
        try await ServiceFixture.run { fixture in
            let service = fixture.service
            _ = try await service.createCollection(CollectionSpec(name: "c", queryPrompt: "q: "))
            let both = SearchRequest(query: "a", queryPrompt: "q", instruction: "t")
            var error = await ragError { () throws(RagError) in
                try await service.search(both, in: "c")
            }
            #expect(error?.param == "instruction")
            error = await ragError { () throws(RagError) in
                try await service.createCollection(CollectionSpec(name: "c", queryPrompt: "x: "))
            }
            #expect(error?.kind == .conflict && error?.message.contains("'q: '") == true)
            let long = String(repeating: "a ", count: 2_049)
            error = await ragError { () throws(RagError) in
                try await service.createCollection(CollectionSpec(name: "d", documentPrompt: long))
            }
            #expect(error?.kind == .tooLarge && error?.param == "document_prompt")
            // A prompt that leaves a chunk no room.
            let wide = String(repeating: "a ", count: 245)
            error = await ragError { () throws(RagError) in
                try await service.createCollection(CollectionSpec(name: "d", documentPrompt: wide))
            }
            #expect(error?.param == "chunking.max_tokens")
        }
    }
}
