import TestSupport
import Testing
import VectorStore

@Suite("Collection search")
struct SearchTests {
    @Test("by vector agrees with the definition of the metric", arguments: Metric.allCases)
    func exactOracle(metric: Metric) async throws {
        var random = SeededRandom(seed: 11)
        let open = try await StoreFixture.open(StoreFixture.configuration(metric: metric))
        var vectors: [(id: String, vector: [Float])] = []
        for index in 0..<300 {
            var write = StoreFixture.document("d\(index)", text: "one", using: &random)
            let scale = Float.random(in: 0.5...2, using: &random)
            write.chunks?[0].vector = random.unitVector(dimension: StoreFixture.dimension)
                .map { $0 * scale }
            vectors.append((write.id, write.chunks?[0].vector ?? []))
            _ = try await open.collection.upsert([write])
        }
        let query = random.unitVector(dimension: StoreFixture.dimension).map { $0 * 3 }
        let expected = vectors.map { ($0.id, score(metric, query, $0.vector)) }
            .sorted { $0.1 > $1.1 }
        for exact in [true, false] {
            let hits = try open.collection.searchDense(
                query,
                count: 20,
                expansion: 300,
                exact: exact
            )
            let chunks = try open.collection.chunks(for: hits.map(\.key))
            #expect(hits.compactMap { chunks[$0.key]?.documentID } == expected.prefix(20).map(\.0))
            for (hit, expected) in zip(hits, expected) {
                #expect(abs(hit.score - expected.1) < 1e-4)
            }
        }
    }

    @Test("with a selection finds the best of the selected", arguments: [1, 30, 300, 590])
    func selected(limit: Int64) async throws {
        var random = SeededRandom(seed: 12)
        let open = try await StoreFixture.open()
        _ = try await open.collection.upsert(
            (0..<600).map { index in
                StoreFixture.document(
                    "d\(index)",
                    text: "common word\(index % 7)",
                    metadata: ["n": .integer(Int64(index))],
                    using: &random
                )
            }
        )
        let selection = try open.collection.select(.compare(key: "n", .less, .integer(limit)))
        #expect(selection.count == Int(limit))
        let query = random.unitVector(dimension: StoreFixture.dimension)
        let exact = try open.collection.searchDense(
            query,
            count: 10,
            exact: true,
            selection: selection
        )
        let graph = try open.collection.searchDense(query, count: 10, selection: selection)
        #expect(exact.count == min(10, Int(limit)))
        #expect(exact.allSatisfy { selection.contains($0.key) })
        #expect(Set(exact.map(\.key)).intersection(graph.map(\.key)).count * 10 >= exact.count * 9)

        let lexical = try open.collection.searchLexical("common", count: 10, selection: selection)
        #expect(lexical.count == min(10, Int(limit)))
        #expect(lexical.allSatisfy { selection.contains($0.key) })
    }

    @Test("by words ranks rows with more and rarer words first")
    func lexicalRanking() async throws {
        var random = SeededRandom(seed: 13)
        let open = try await StoreFixture.open()
        let texts = [
            "the wing of the aircraft", "boundary layer flow", "the flow over the wing",
            "heat transfer in the boundary layer of a wing",
        ]
        for (index, text) in texts.enumerated() {
            _ = try await open.collection.upsert([
                StoreFixture.document("\(index)", text: text, wordsPerChunk: 20, using: &random)
            ])
        }
        let hits = try open.collection.searchLexical("Boundary-layer HEATED wings", count: 10)
        let chunks = try open.collection.chunks(for: hits.map(\.key))
        #expect(hits.compactMap { chunks[$0.key]?.documentID }.prefix(2) == ["3", "1"])
        #expect(hits.map(\.score) == hits.map(\.score).sorted(by: >))
        #expect(hits.allSatisfy { $0.score > 0 })
    }

    @Test(
        "by words takes any text",
        arguments: [
            "", " ", "\"", "'", "*", "(", "a OR", "NOT", "NEAR(", "title:", "^x", "-", "+", "{x}",
            "\u{0}", "...!?", "\u{1F600}", "a\"b", "fts_1", "AND AND", "a* b*", "\u{301}",
        ]
    )
    func lexicalSyntax(text: String) async throws {
        var random = SeededRandom(seed: 14)
        let open = try await StoreFixture.open()
        _ = try await open.collection.upsert([
            StoreFixture.document("a", text: "plain words", using: &random)
        ])
        #expect(try open.collection.searchLexical(text, count: 5).isEmpty)
    }

    @Test("by a very long text stops at the cap on words")
    func lexicalCap() async throws {
        var random = SeededRandom(seed: 15)
        let open = try await StoreFixture.open()
        _ = try await open.collection.upsert([
            StoreFixture.document("a", text: "needle", using: &random)
        ])
        let noise = (0..<50_000).map { "w\($0)" }.joined(separator: " ")
        #expect(try open.collection.searchLexical("needle " + noise, count: 5).count == 1)
        #expect(try open.collection.searchLexical(noise + " needle", count: 5).isEmpty)
    }

    @Test("finds by common words what rare ones do not")
    func commonWords() async throws {
        var random = SeededRandom(seed: 16)
        let open = try await StoreFixture.open()
        _ = try await open.collection.upsert(
            (0..<2_500).map { index in
                let rare = index % 100 == 0 ? " kingfisher" : ""
                return StoreFixture.document(
                    "d\(index)",
                    text: "the bird" + rare,
                    using: &random
                )
            }
        )
        let rare = try open.collection.searchLexical("kingfisher", count: 100).map(\.key)
        #expect(rare.count == 25)
        let both = try open.collection.searchLexical("the kingfisher", count: 100).map(\.key)
        #expect(both.count == 100)
        #expect(Array(both.prefix(25)) == rare)
        #expect(try open.collection.searchLexical("the bird", count: 100).count == 100)
    }

    @Test("refuses vectors and counts that make no sense")
    func refusals() async throws {
        var random = SeededRandom(seed: 17)
        let open = try await StoreFixture.open()
        let query = random.unitVector(dimension: StoreFixture.dimension)
        let searches: [(VectorStoreError.Code, () throws -> [ChunkHit])] = [
            (.dimensionMismatch, { try open.collection.searchDense([1, 2], count: 1) }),
            (
                .notFinite,
                { try open.collection.searchDense([.nan] + query.dropFirst(), count: 1) }
            ),
            (.invalidArgument, { try open.collection.searchDense(query, count: 0) }),
            (.invalidArgument, { try open.collection.searchDense(query, count: 10_001) }),
            (.invalidArgument, { try open.collection.searchDense(query, count: 5, expansion: 4) }),
            (.invalidArgument, { try open.collection.searchLexical("a", count: -1) }),
        ]
        for (code, search) in searches {
            #expect {
                try search()
            } throws: {
                ($0 as? VectorStoreError)?.code == code
            }
        }
        #expect(try open.collection.searchDense(query, count: 5).isEmpty)
    }

    private func score(_ metric: Metric, _ a: [Float], _ b: [Float]) -> Float {
        func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        switch metric {
        case .dot: return dot(a, b)
        case .cosine: return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
        case .euclidean:
            return -zip(a, b).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        }
    }
}
