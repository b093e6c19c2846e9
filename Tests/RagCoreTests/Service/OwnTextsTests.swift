import RagCore
import Testing

@Suite("Embeddings of a caller's texts")
struct EmbedTests {
    @Test("vectors are of unit length, in the order of the inputs, however they were batched")
    func orderAndLength() async throws {
        try await ServiceFixture.run { fixture in
            let texts = (1...40).map { Library.prose(sentences: $0 % 7 + 1) + " \($0)" }
            let together = try await fixture.service.embed(
                EmbedRequest(inputs: texts.map { .text($0) })
            )
            #expect(together.vectors.count == 40)
            for index in stride(from: 0, to: 40, by: 13) {
                let alone = try await fixture.service.embed(
                    EmbedRequest(inputs: [.text(texts[index])])
                )
                #expect(cosine(alone.vectors[0], together.vectors[index]) > 0.99999)
            }
            #expect(together.vectors.allSatisfy { abs(cosine($0, $0) - 1) < 1e-5 })
        }
    }

    @Test("token ids embed as the text that they are of")
    func tokenIDs() async throws {
        try await ServiceFixture.run { fixture in
            // "hello world" in the vocabulary of BERT.
            let response = try await fixture.service.embed(
                EmbedRequest(inputs: [.tokens([7_592, 2_088]), .text("hello world")])
            )
            #expect(cosine(response.vectors[0], response.vectors[1]) > 0.99999)
            #expect(response.tokens == 8)
        }
    }

    @Test("fewer dimensions are the first ones at unit length", arguments: [1, 64, 384])
    func dimensions(count: Int) async throws {
        try await ServiceFixture.run { fixture in
            let input = EmbedRequest.Input.text("a text")
            let whole = try await fixture.service.embed(EmbedRequest(inputs: [input])).vectors[0]
            let part = try await fixture.service.embed(
                EmbedRequest(inputs: [input], dimensions: count)
            )
            .vectors[0]
            #expect(part.count == count)
            #expect(abs(cosine(part, part) - 1) < 1e-5)
            let prefix = Array(whole.prefix(count))
            let scale = cosine(prefix, prefix).squareRoot()
            #expect(zip(part, prefix).allSatisfy { abs($0 * scale - $1) < 1e-5 })
        }
    }

    @Test("too long a text is an error unless it may be cut")
    func tooLong() async throws {
        try await ServiceFixture.run { fixture in
            let long = Library.prose(sentences: 60)
            var request = EmbedRequest(inputs: [.text("short"), .text(long)])
            let error = await ragError { () throws(RagError) in
                try await fixture.service.embed(request)
            }
            #expect(error?.kind == .invalid && error?.code == "context_length_exceeded")
            #expect(error?.param == "input[1]")
            request.truncate = true
            let response = try await fixture.service.embed(request)
            #expect(response.vectors.count == 2)
            #expect(response.tokens <= 3 + 256)
        }
    }

    private static let badRequests: [(EmbedRequest, String)] = [
        (EmbedRequest(inputs: []), "input"),
        (EmbedRequest(inputs: [.text("")]), "input"),
        (EmbedRequest(inputs: [.text("a"), .text("")]), "input[1]"),
        (EmbedRequest(inputs: [.tokens([])]), "input"),
        (EmbedRequest(inputs: [.tokens([-1])]), "input"),
        (EmbedRequest(inputs: [.tokens([100_000])]), "input"),
        (EmbedRequest(inputs: [.text("a")], dimensions: 0), "dimensions"),
        (EmbedRequest(inputs: [.text("a")], dimensions: 385), "dimensions"),
        (EmbedRequest(inputs: Array(repeating: .text("a"), count: 2_049)), "input"),
        (EmbedRequest(model: "../secret", inputs: [.text("a")]), "model"),
        (EmbedRequest(model: "", inputs: [.text("a")]), "model"),
    ]

    @Test("a bad request is refused by the name of its field")
    func badRequests() async throws {
        try await ServiceFixture.run { fixture in
            for (request, param) in Self.badRequests {
                let error = await ragError { () throws(RagError) in
                    try await fixture.service.embed(request)
                }
                #expect(error?.kind == .invalid || error?.kind == .tooLarge, "\(param)")
                #expect(error?.param == param)
            }
        }
    }

    @Test("of many inputs the first wrong one is named, and the order holds, on several threads")
    func manyInputs() async throws {
        try await ServiceFixture.run { fixture in
            // Past what is tokenised in one place.
            var texts = (0..<200).map { Library.prose(sentences: 3) + " \($0)" }
            #expect(texts.reduce(0) { $0 + $1.utf8.count } > 32 << 10)
            let few = try await fixture.service.embed(
                EmbedRequest(inputs: [.text(texts[7]), .text(texts[190])])
            )
            let all = try await fixture.service.embed(
                EmbedRequest(inputs: texts.map { .text($0) })
            )
            #expect(cosine(few.vectors[0], all.vectors[7]) > 0.999)
            #expect(cosine(few.vectors[1], all.vectors[190]) > 0.999)
            for wrong in [199, 150, 20] {
                texts[wrong] = ""
                let error = await ragError { () throws(RagError) in
                    try await fixture.service.embed(
                        EmbedRequest(inputs: texts.map { .text($0) })
                    )
                }
                #expect(error?.param == "input[\(wrong)]")
            }
        }
    }

    @Test("the same query again, by text or by tokens and with any dimensions, is known")
    func recentQuery() async throws {
        try await ServiceFixture.run { fixture in
            let whole = try await fixture.service.embed(
                EmbedRequest(inputs: [.text("Hello world")])
            )
            let again = try await fixture.service.embed(
                EmbedRequest(inputs: [.text("hello  WORLD")])
            )
            #expect(again == whole)
            let short = try await fixture.service.embed(
                EmbedRequest(inputs: [.tokens([7_592, 2_088])], dimensions: 8)
            )
            #expect(short.vectors[0].count == 8)
            let text = fixture.service.metrics.text()
            #expect(text.contains("ragd_query_cache_hits_total 2\n"))
            #expect(text.contains("ragd_query_cache_misses_total 1\n"))
        }
    }

    @Test("an unknown model is refused with the names of those that exist")
    func unknownModel() async throws {
        try await ServiceFixture.run { fixture in
            let error = await ragError { () throws(RagError) in
                try await fixture.service.embed(
                    EmbedRequest(model: "text-embedding-3-small", inputs: [.text("a")])
                )
            }
            #expect(error?.message.contains("'all-MiniLM-L6-v2'") == true)
            #expect(error?.code == "model_not_found")
        }
    }

    @Test("more tokens than a request may have are refused")
    func tokenLimit() async throws {
        var limits = Limits()
        limits.requestTokensMax = 100
        try await ServiceFixture.run(limits: limits) { fixture in
            let inputs = Array(repeating: EmbedRequest.Input.text("one two three"), count: 21)
            let error = await ragError { () throws(RagError) in
                try await fixture.service.embed(EmbedRequest(inputs: inputs))
            }
            #expect(error?.kind == .tooLarge)
            let response = try await fixture.service.embed(
                EmbedRequest(inputs: Array(inputs.prefix(20)))
            )
            #expect(response.tokens == 100)
        }
    }
}

@Suite("Rerank of a caller's texts")
struct RerankTests {
    private static let passages = Library.documents.map(\.text)

    @Test("the passage that answers is first, and scores are in 0...1")
    func answersFirst() async throws {
        try await ServiceFixture.run { fixture in
            let response = try await fixture.service.rerank(
                RerankRequest(query: "how is bread baked", documents: Self.passages)
            )
            #expect(response.results.count == 5)
            #expect(response.results.first?.index == 0)
            #expect(response.results.allSatisfy { (0...1).contains($0.score) && $0.text == nil })
            #expect(
                zip(response.results, response.results.dropFirst()).allSatisfy {
                    $0.score >= $1.score
                }
            )
            #expect(response.model == "all-MiniLM-L6-v2")
            #expect(response.tokens > 100)
        }
    }

    @Test("a score does not depend on the other passages")
    func scoresAreIndependent() async throws {
        try await ServiceFixture.run { fixture in
            let query = "gravity of the moon"
            let together = try await fixture.service.rerank(
                RerankRequest(query: query, documents: Self.passages)
            )
            let alone = try await fixture.service.rerank(
                RerankRequest(query: query, documents: [Self.passages[4]])
            )
            #expect(together.results.first?.index == 4)
            #expect(abs(together.results[0].score - alone.results[0].score) < 1e-4)
        }
    }

    @Test("as many results as asked for, with their texts when asked for")
    func topN() async throws {
        try await ServiceFixture.run { fixture in
            let response = try await fixture.service.rerank(
                RerankRequest(
                    query: "lentils",
                    documents: Self.passages,
                    topN: 2,
                    returnDocuments: true
                )
            )
            #expect(response.results.count == 2)
            #expect(response.results[0].text == Self.passages[1])
        }
    }

    @Test("the end of a passage longer than the window counts")
    func longPassages() async throws {
        try await ServiceFixture.run { fixture in
            let prose = Library.prose(sentences: 60)
            let answer = " The zebra finch sings at dawn."
            let response = try await fixture.service.rerank(
                RerankRequest(
                    query: "when does the zebra finch sing",
                    documents: [prose, prose + answer]
                )
            )
            #expect(response.results.first?.index == 1)
            #expect(response.results[0].score > response.results[1].score + 0.02)
        }
    }

    @Test("an empty passage is ranked last and fails nothing")
    func emptyPassage() async throws {
        try await ServiceFixture.run { fixture in
            let response = try await fixture.service.rerank(
                RerankRequest(query: "bread", documents: ["", Self.passages[0]])
            )
            #expect(response.results.map(\.index) == [1, 0])
        }
    }

    private static let badRequests: [(RerankRequest, String)] = [
        (RerankRequest(query: "", documents: ["a"]), "query"),
        (RerankRequest(query: "x", documents: []), "documents"),
        (RerankRequest(query: "x", documents: Array(repeating: "a", count: 1_001)), "documents"),
        (RerankRequest(query: "x", documents: ["a"], topN: 0), "top_n"),
        (RerankRequest(model: "nope", query: "x", documents: ["a"]), "model"),
        (RerankRequest(query: String(repeating: "word ", count: 300), documents: ["a"]), "query"),
    ]

    @Test("a bad request is refused by the name of its field")
    func badRequests() async throws {
        try await ServiceFixture.run { fixture in
            for (request, param) in Self.badRequests {
                let error = await ragError { () throws(RagError) in
                    try await fixture.service.rerank(request)
                }
                #expect(error?.kind == .invalid || error?.kind == .tooLarge, "\(param)")
                #expect(error?.param == param)
            }
        }
    }
}

/// The inner product, which is the cosine of vectors of unit length.
private func cosine(_ first: [Float], _ second: [Float]) -> Float {
    zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
}
