import RagCore
import Testing
import VectorStore

@Suite("Ingest")
struct IngestTests {
    private static let name = Library.name

    @Test("what is sent is stored, and comes back as it was")
    func storesDocuments() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            let bread = try await fixture.service.document("bread", in: Self.name)
            let input = Library.documents[0]
            #expect(bread.text == input.text)
            #expect(bread.info.title == input.title)
            #expect(bread.info.source == input.source)
            #expect(bread.info.metadata == input.metadata)
            #expect(bread.chunks.map(\.range) == [0..<input.text.utf8.count])
            let info = try await fixture.service.collection(Self.name)
            #expect(info.documents == 5 && info.chunks == 5)
        }
    }

    @Test("the same documents again are unchanged, and nothing is embedded")
    func unchanged() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            let before = fixture.embeddedBatches
            let position = try await fixture.service.collection(Self.name).position
            let outcomes = try await fixture.service.ingest(Library.documents, into: Self.name)
            #expect(outcomes.allSatisfy { $0.status == .unchanged && $0.chunks == 1 })
            #expect(fixture.embeddedBatches == before)
            #expect(try await fixture.service.collection(Self.name).position == position)
        }
    }

    @Test("other metadata is written without embedding anything")
    func metadataOnly() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            let before = fixture.embeddedBatches
            var soup = Library.documents[1]
            soup.metadata = ["topic": "winter"]
            let outcomes = try await fixture.service.ingest([soup], into: Self.name)
            #expect(outcomes.map(\.status) == [.updated])
            #expect(outcomes[0].chunks == 1 && outcomes[0].tokens > 10)
            #expect(fixture.embeddedBatches == before)
            let request = SearchRequest(
                query: "lentils",
                filter: .compare(key: "topic", .equal, "winter")
            )
            #expect(try await fixture.search(request) == ["soup"])
        }
    }

    @Test("a number spelled as a fraction is the same metadata")
    func canonicalNumbers() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            var soup = Library.documents[1]
            soup.metadata["year"] = .number(2019)
            let outcomes = try await fixture.service.ingest([soup], into: Self.name)
            #expect(outcomes.map(\.status) == [.unchanged])
        }
    }

    @Test("another text replaces the old one in every index")
    func updated() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            let soup = DocumentInput(id: "soup", text: "Glaciers carve valleys out of granite.")
            let outcomes = try await fixture.service.ingest([soup], into: Self.name)
            #expect(outcomes.map(\.status) == [.updated])
            for mode in SearchRequest.Mode.allCases {
                let request = SearchRequest(query: "granite glaciers", limit: 1, mode: mode)
                #expect(try await fixture.search(request) == ["soup"])
            }
            let old = SearchRequest(query: "lentils", mode: .lexical)
            #expect(try await fixture.search(old) == [])
        }
    }

    @Test("text that the collection holds is not embedded for another document")
    func reusesEmbeddings() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            let before = fixture.embeddedBatches
            var copy = Library.documents[2]
            copy.id = "copy"
            let outcomes = try await fixture.service.ingest([copy], into: Self.name)
            #expect(outcomes.map(\.status) == [.created])
            #expect(fixture.embeddedBatches == before)
            let request = SearchRequest(query: "lift of a wing", limit: 2, mode: .dense)
            #expect(Set(try await fixture.search(request)) == ["copy", "wings"])
        }
    }

    @Test("a document without an id has one of its content, the same each time")
    func derivedIDs() async throws {
        try await ServiceFixture.run { fixture in
            _ = try await fixture.service.createCollection(CollectionSpec(name: Self.name))
            let input = DocumentInput(text: "Some text.")
            let outcomes = try await fixture.service.ingest([input, input], into: Self.name)
            #expect(outcomes.map(\.status) == [.created, .unchanged])
            #expect(outcomes[0].id == outcomes[1].id && outcomes[0].id.hasPrefix("doc-"))
            let again = try await fixture.service.ingest([input], into: Self.name)
            #expect(again.map(\.status) == [.unchanged])
            #expect(again[0].id == outcomes[0].id)
        }
    }

    @Test("an id given twice refuses the whole request")
    func duplicateIDs() async throws {
        try await ServiceFixture.run { fixture in
            _ = try await fixture.service.createCollection(CollectionSpec(name: Self.name))
            let error = await ragError { () throws(RagError) in
                try await fixture.service.ingest(
                    Library.documents + [Library.documents[3]],
                    into: Self.name
                )
            }
            #expect(error?.kind == .invalid)
            #expect(error?.param == "documents[5].id")
            #expect(try await fixture.service.collection(Self.name).documents == 0)
        }
    }

    @Test("a document past a limit fails by name, and the others stand")
    func failuresAreAlone() async throws {
        var limits = Limits()
        limits.textByteCountMax = 200
        limits.metadataDepthMax = 2
        try await ServiceFixture.run(limits: limits) { fixture in
            _ = try await fixture.service.createCollection(CollectionSpec(name: Self.name))
            let documents = [
                DocumentInput(id: "good", text: "Good."),
                DocumentInput(id: "long", text: String(repeating: "long ", count: 41)),
                DocumentInput(
                    id: "deep",
                    text: "Deep.",
                    metadata: ["a": .object(["b": .array([1])])]
                ),
                DocumentInput(id: "", text: "Nameless."),
                DocumentInput(id: "fine", text: "Fine."),
            ]
            let outcomes = try await fixture.service.ingest(documents, into: Self.name)
            #expect(outcomes.map(\.status) == [.created, .failed, .failed, .failed, .created])
            #expect(outcomes[1].error?.kind == .tooLarge)
            #expect(outcomes[1].error?.param == "documents[1].text")
            #expect(outcomes[2].error?.param == "documents[2].metadata")
            #expect(outcomes[3].error?.param == "documents[3].id")
            #expect(try await fixture.service.collection(Self.name).documents == 2)
        }
    }

    @Test("an empty text is a document without chunks")
    func emptyText() async throws {
        try await ServiceFixture.run { fixture in
            _ = try await fixture.service.createCollection(CollectionSpec(name: Self.name))
            let outcomes = try await fixture.service.ingest(
                [DocumentInput(id: "empty", text: " \n")],
                into: Self.name
            )
            #expect(outcomes.map(\.status) == [.created])
            #expect(outcomes[0].chunks == 0)
            #expect(try await fixture.service.document("empty", in: Self.name).text == " \n")
        }
    }

    @Test("a long document becomes overlapping chunks that each fit the window")
    func longDocument() async throws {
        try await ServiceFixture.run { fixture in
            let spec = CollectionSpec(
                name: Self.name,
                chunking: CollectionSpec.Chunking(tokensMax: 64, overlapTokens: 8)
            )
            _ = try await fixture.service.createCollection(spec)
            let text = Library.prose(sentences: 200)
            let outcomes = try await fixture.service.ingest(
                [DocumentInput(id: "long", text: text, title: "A long one")],
                into: Self.name
            )
            #expect(outcomes[0].chunks > 40)
            let chunks = try await fixture.service.document("long", in: Self.name).chunks
            #expect(chunks.allSatisfy { $0.tokens <= 64 })
            #expect(chunks.first?.range.lowerBound == 0)
            #expect(chunks.last?.range.upperBound == text.utf8.count)
            #expect(
                zip(chunks, chunks.dropFirst()).allSatisfy {
                    $0.range.upperBound + 1 >= $1.range.lowerBound
                }
            )
        }
    }

    @Test("a document larger than all that may wait is stored in slices")
    func largerThanTheQueue() async throws {
        var limits = Limits()
        limits.ingestQueueTokensMax = 2_000
        limits.ingestGroupTokensMax = 1_000
        limits.requestTokensMax = 1_000
        try await ServiceFixture.run(limits: limits) { fixture in
            _ = try await fixture.service.createCollection(CollectionSpec(name: Self.name))
            let document = DocumentInput(id: "long", text: Library.prose(sentences: 400))
            let outcomes = try await fixture.service.ingest([document], into: Self.name)
            #expect(outcomes.map(\.status) == [.created])
            #expect(outcomes[0].tokens > limits.ingestQueueTokensMax)
        }
    }

    @Test("too many documents and none are refused")
    func countLimits() async throws {
        var limits = Limits()
        limits.documentsPerRequestMax = 4
        try await ServiceFixture.run(limits: limits) { fixture in
            _ = try await fixture.service.createCollection(CollectionSpec(name: Self.name))
            let many = await ragError { () throws(RagError) in
                try await fixture.service.ingest(Library.documents, into: Self.name)
            }
            #expect(many?.kind == .tooLarge && many?.param == "documents")
            let none = await ragError { () throws(RagError) in
                try await fixture.service.ingest([], into: Self.name)
            }
            #expect(none?.kind == .invalid)
            let nowhere = await ragError { () throws(RagError) in
                try await fixture.service.ingest(Library.documents, into: "nowhere")
            }
            #expect(nowhere?.kind == .notFound)
        }
    }
}

extension ServiceFixture {
    /// How many batches went through the encoder.
    var embeddedBatches: Int {
        service.metrics.histogram("ragd_batch_texts", help: "").count
    }
}
