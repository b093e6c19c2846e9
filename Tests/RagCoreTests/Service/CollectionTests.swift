import RagCore
import Testing
import VectorStore

@Suite("Collections of a service")
struct CollectionTests {
    @Test("a collection has the model's window and an eighth of overlap by default")
    func defaults() async throws {
        try await ServiceFixture.run { fixture in
            let (info, created) = try await fixture.service.createCollection(
                CollectionSpec(name: "docs")
            )
            #expect(created)
            #expect(info.model == "all-MiniLM-L6-v2" && info.dimensions == 384)
            #expect(info.chunkTokensMax == 254 && info.chunkOverlapTokens == 31)
            #expect(info.metric == .cosine && info.index.connectivity == 16)
            #expect(info.lateInteraction == .signCodes && info.indexState == "graph")
            #expect(try await fixture.service.collections() == [info])
        }
    }

    @Test("the same again is found, another of the name is a conflict")
    func sameAgain() async throws {
        try await ServiceFixture.run { fixture in
            let spec = CollectionSpec(name: "docs", dimensions: 64)
            _ = try await fixture.service.createCollection(spec)
            #expect(try await fixture.service.createCollection(spec).created == false)
            let error = await ragError { () throws(RagError) in
                try await fixture.service.createCollection(
                    CollectionSpec(name: "docs", dimensions: 128)
                )
            }
            #expect(error?.kind == .conflict)
            #expect(error?.message.contains("dimension") == true)
        }
    }

    @Test("a dropped collection is gone, and its name is free")
    func dropped() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            try await fixture.service.deleteCollection(Library.name)
            let error = await ragError { () throws(RagError) in
                try await fixture.service.collection(Library.name)
            }
            #expect(error?.kind == .notFound)
            let (info, created) = try await fixture.service.createCollection(
                CollectionSpec(name: Library.name, dimensions: 32)
            )
            #expect(created && info.documents == 0)
        }
    }

    private static let badSpecs: [(CollectionSpec, String?)] = [
        (CollectionSpec(name: ""), "name"),
        (CollectionSpec(name: "a/b"), "name"),
        (CollectionSpec(name: ".."), "name"),
        (CollectionSpec(name: "ä"), "name"),
        (CollectionSpec(name: String(repeating: "a", count: 65)), "name"),
        (CollectionSpec(name: "a", model: "nope"), "model"),
        (CollectionSpec(name: "a", dimensions: 0), "dimensions"),
        (CollectionSpec(name: "a", dimensions: 385), "dimensions"),
        (CollectionSpec(name: "a", chunking: .init(tokensMax: 255)), "chunking.max_tokens"),
        (CollectionSpec(name: "a", chunking: .init(tokensMax: 15)), "chunking.max_tokens"),
        (
            CollectionSpec(name: "a", chunking: .init(tokensMax: 100, overlapTokens: 51)),
            "chunking.overlap_tokens"
        ),
        (CollectionSpec(name: "a", index: .init(connectivity: 1)), nil),
        (CollectionSpec(name: "a", index: .init(expansionConstruction: 0)), nil),
    ]

    @Test("a bad specification is refused by the name of its field, and makes nothing")
    func badSpecs() async throws {
        try await ServiceFixture.run { fixture in
            for (spec, param) in Self.badSpecs {
                let error = await ragError { () throws(RagError) in
                    try await fixture.service.createCollection(spec)
                }
                #expect(error?.kind == .invalid, "\(spec)")
                #expect(error?.param == param)
            }
            let collections = try await fixture.service.collections()
            #expect(collections.isEmpty)
        }
    }

    @Test("no more collections are made than there may be")
    func countLimit() async throws {
        var limits = Limits()
        limits.collectionsMax = 2
        try await ServiceFixture.run(limits: limits) { fixture in
            for name in ["a", "b", "a"] {
                _ = try await fixture.service.createCollection(CollectionSpec(name: name))
            }
            let error = await ragError { () throws(RagError) in
                try await fixture.service.createCollection(CollectionSpec(name: "c"))
            }
            #expect(error?.param == "name")
        }
    }

    @Test("documents are listed page by page, filtered, and deleted by id or filter")
    func listAndDelete() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            let service = fixture.service
            var ids: [String] = []
            var cursor: String?
            repeat {
                let page = try await service.documents(in: Library.name, cursor: cursor, limit: 2)
                ids += page.documents.map(\.id)
                cursor = page.nextCursor
            } while cursor != nil
            #expect(ids == ["bread", "engines", "soup", "tides", "wings"])
            let flight = Filter.compare(key: "topic", .equal, "flight")
            let page = try await service.documents(in: Library.name, filter: flight)
            #expect(page.documents.map(\.id) == ["engines", "wings"])
            #expect(try await service.deleteDocuments(ids: ["soup", "x"], in: Library.name) == 1)
            #expect(try await service.deleteDocuments(matching: flight, in: Library.name) == 2)
            #expect(try await service.collection(Library.name).documents == 2)
            let request = SearchRequest(query: "wing lentils", mode: .lexical)
            #expect(try await fixture.search(request) == [])
        }
    }
}
