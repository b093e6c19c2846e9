import RagCore
import TestSupport
import Testing

@Suite("A service under concurrent use")
struct ConcurrencyTests {
    /// Writers and readers at the same time.
    ///
    ///     writer w               reader
    ///     ingest w.0             search ┐ always the library,
    ///     ingest w.1             search │ never a half document
    ///     …                      search ┘
    @Test("searches answer while documents are written, and find them once acknowledged")
    func readersAndWriters() async throws {
        try await ServiceFixture.run { fixture in
            try await fixture.addLibrary()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<3 {
                    group.addTask { try await write(fixture, writer: writer) }
                }
                for _ in 0..<2 {
                    group.addTask {
                        for _ in 0..<20 {
                            let found = try await fixture.search(
                                SearchRequest(query: "wing stall lift", limit: 3)
                            )
                            #expect(found.first == "wings")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await fixture.service.collection(Library.name).documents == 5 + 24)
        }
    }

    private func write(_ fixture: ServiceFixture, writer: Int) async throws {
        for number in 0..<8 {
            let word = "w\(writer)n\(number)"
            let document = DocumentInput(
                id: word,
                text: "\(word). " + Library.prose(sentences: 3 + number)
            )
            let outcomes = try await fixture.service.ingest([document], into: Library.name)
            #expect(outcomes.map(\.status) == [.created])
            let request = SearchRequest(query: word, limit: 1, mode: .lexical)
            #expect(try await fixture.search(request) == [word])
        }
    }

    @Test("writers of one document leave one of their texts, whole")
    func oneDocumentManyWriters() async throws {
        try await ServiceFixture.run { fixture in
            _ = try await fixture.service.createCollection(CollectionSpec(name: Library.name))
            let texts = (0..<8).map { "Version \($0): " + Library.prose(sentences: 20 + $0) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for text in texts {
                    group.addTask {
                        let document = DocumentInput(id: "contested", text: text)
                        let outcomes = try await fixture.service.ingest(
                            [document],
                            into: Library.name
                        )
                        #expect(outcomes[0].status != .failed)
                    }
                }
                try await group.waitForAll()
            }
            let stored = try await fixture.service.document("contested", in: Library.name)
            #expect(texts.contains(stored.text))
            #expect(stored.chunks.last?.range.upperBound == stored.text.utf8.count)
            let info = try await fixture.service.collection(Library.name)
            #expect(info.documents == 1 && info.chunks == stored.chunks.count)
        }
    }

    @Test("a full queue refuses with a time to come back, and takes the request later")
    func overload() async throws {
        var limits = Limits()
        limits.ingestQueueTokensMax = 3_000
        limits.ingestGroupTokensMax = 3_000
        limits.requestTokensMax = 3_000
        try await ServiceFixture.run(threads: 1, limits: limits) { fixture in
            /// Texts that no other client has, for equal ones would be embedded once.
            func inputs(_ client: Int) -> [EmbedRequest.Input] {
                (0..<12).map { .text(Library.prose(sentences: 12) + " \(client) \($0)") }
            }
            let outcomes = await withTaskGroup(of: RagError.Kind?.self) { group in
                for client in 0..<8 {
                    group.addTask {
                        await ragError { () throws(RagError) in
                            try await fixture.service.embed(EmbedRequest(inputs: inputs(client)))
                        }?.kind
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let refusals = outcomes.compactMap(\.self)
            #expect(!refusals.isEmpty && refusals.count < 8)
            for kind in refusals {
                guard case .overloaded(let seconds) = kind else {
                    Issue.record("refused as \(kind)")
                    continue
                }
                #expect(seconds >= 1)
            }
            _ = try await fixture.service.embed(EmbedRequest(inputs: inputs(8)))
        }
    }

    @Test("a cancelled request ends as cancelled")
    func cancellation() async throws {
        try await ServiceFixture.run { fixture in
            let error = await withTaskGroup(of: RagError?.self) { group in
                group.cancelAll()
                group.addTask {
                    await ragError { () throws(RagError) in
                        try await fixture.service.embed(EmbedRequest(inputs: [.text("a")]))
                    }
                }
                return await group.next() ?? nil
            }
            #expect(error?.kind == .cancelled)
        }
    }
}

@Suite("Shutdown of a service")
struct ShutdownTests {
    @Test("refuses what comes after, and is ready no more")
    func refuses() async throws {
        try await ServiceFixture.run { fixture in
            #expect(fixture.service.isReady)
            await fixture.service.shutdown()
            #expect(!fixture.service.isReady)
            let error = await ragError { () throws(RagError) in
                try await fixture.service.collections()
            }
            #expect(error?.kind == .unavailable)
        }
    }

    @Test("what was acknowledged is there after a restart, and what was not is refused by name")
    func nothingAcknowledgedIsLost() async throws {
        let directory = try TemporaryDirectory()
        var limits = Limits()
        limits.ingestGroupTokensMax = 500
        var acknowledged: Set<String> = []
        try await ServiceFixture.run(directory: directory, limits: limits) { fixture in
            _ = try await fixture.service.createCollection(CollectionSpec(name: Library.name))
            let documents = (0..<60).map { number in
                DocumentInput(
                    id: "\(number)",
                    text: "Number \(number). " + Library.prose(sentences: 9)
                )
            }
            async let outcomes = fixture.service.ingest(documents, into: Library.name)
            while try await fixture.service.collection(Library.name).documents == 0 {
                await Task.yield()
            }
            await fixture.service.shutdown()
            for outcome in try await outcomes {
                switch outcome.status {
                case .created: acknowledged.insert(outcome.id)
                case .failed: #expect(outcome.error?.kind == .unavailable)
                case .updated, .unchanged: Issue.record("\(outcome)")
                }
            }
            #expect(!acknowledged.isEmpty)
        }
        try await ServiceFixture.run(directory: directory) { fixture in
            let page = try await fixture.service.documents(in: Library.name)
            #expect(Set(page.documents.map(\.id)) == acknowledged)
            let request = SearchRequest(query: "harbour", limit: 100, groupByDocument: true)
            #expect(Set(try await fixture.search(request)) == acknowledged)
        }
    }

    @Test("a second service of the folder is refused while the first has it")
    func oneOwner() async throws {
        try await ServiceFixture.run { fixture in
            let configuration = RagConfiguration(
                dataDirectory: fixture.directory.path,
                modelsDirectory: try ModelsFolder.path()
            )
            let error = await ragError { () throws(RagError) in
                try await RagService.start(configuration: configuration)
            }
            #expect(error?.kind == .conflict)
        }
    }

    @Test("a service without its model, or with limits that exclude each other, does not start")
    func badConfigurations() async throws {
        let directory = try TemporaryDirectory()
        let models = try ModelsFolder.path()
        var limits = Limits()
        limits.requestTokensMax = limits.ingestQueueTokensMax + 1
        let configurations = [
            RagConfiguration(dataDirectory: directory.path, modelsDirectory: directory.path),
            RagConfiguration(dataDirectory: directory.path, modelsDirectory: "/nowhere"),
            RagConfiguration(dataDirectory: directory.path, modelsDirectory: models, threads: 0),
            RagConfiguration(
                dataDirectory: directory.path,
                modelsDirectory: models,
                limits: limits
            ),
        ]
        for configuration in configurations {
            let error = await ragError { () throws(RagError) in
                try await RagService.start(configuration: configuration)
            }
            #expect(error?.kind == .invalid)
        }
    }
}
