import Dispatch
import Embedder
import Kernels
import Testing

/// Rerankers of tiny sizes with random weights, against transformers.
@Suite("Rerankers")
struct RerankerTests {
    static let crossEncoders = ["bert", "bert-identity", "roberta", "xlm-roberta"]
    static let languageModels = ["qwen3-tied", "qwen3-untied"]

    /// In f32 what is computed here and there differs by rounding; in bf16 these tiny models' scores
    /// do by some 1e-2, those without a sigmoid a little more.
    static let precisions: [(ComputePrecision, tolerance: Float)] = [(.f32, 1e-5), (.bf16, 2e-2)]

    private struct Pair: Decodable {
        let ids: [Int32]
        let types: [Int32]
    }

    private struct Case: Decodable {
        let query: String
        let instruction: String?
        let passage: String
        let ids: [Int32]
        let omitted: Int
    }

    private static func path(_ name: String) throws -> String {
        try EmbeddingFixtures.path("rerankers/\(name)")
    }

    private static func scores(_ name: String) throws -> [Float] {
        try EmbeddingFixtures.floats("rerankers/\(name)/scores.f32")
    }

    private static func score(_ results: [EncodedText]) -> [Float] { results.map { $0.vector[0] } }

    /// The texts of a language model's cases, as the model makes them.
    private static func encodings(_ name: String, _ model: RerankModel) throws -> [Encoding] {
        try EmbeddingFixtures.json("rerankers/\(name)/cases.json", as: [Case].self).map {
            try model.query($0.query, instruction: $0.instruction)
                .encode($0.passage, tokensMax: model.tokensMax)
        }
    }

    @Test(
        "cross-encoders give transformers' scores, packed or alone",
        arguments: crossEncoders,
        precisions
    )
    func crossEncoder(name: String, precision: (ComputePrecision, tolerance: Float)) throws {
        let network = try RerankNetwork(directory: Self.path(name), precision: precision.0)
        let encodings = try EmbeddingFixtures.json(
            "rerankers/\(name)/pairs.json",
            as: [Pair].self
        ).map { Encoding(ids: $0.ids, typeIDs: $0.types, offsets: $0.ids.map { _ in 0..<0 }) }
        let expected = try Self.scores(name)
        let workspace = network.makeWorkspace()
        let packed = Self.score(try network.encode(encodings, workspace: workspace))
        let alone = try encodings.flatMap {
            Self.score(try network.encode([$0], workspace: workspace))
        }
        #expect(packed.count == expected.count)
        #expect(EmbeddingFixtures.largestDifference(packed, expected) <= precision.tolerance)
        #expect(EmbeddingFixtures.largestDifference(packed, alone) <= 1e-6)
    }

    @Test(
        "Qwen3-Reranker reads a query and a passage as its README says",
        arguments: languageModels
    )
    func prompt(name: String) throws {
        let model = try RerankModel.load(directory: Self.path(name), name: name)
        let cases = try EmbeddingFixtures.json("rerankers/\(name)/cases.json", as: [Case].self)
        #expect(model.takesInstruction && cases.contains { $0.omitted > 0 })
        for (expected, encoding) in zip(cases, try Self.encodings(name, model)) {
            #expect(encoding.ids == expected.ids)
            #expect(encoding.omittedTokenCount == expected.omitted)
            #expect(encoding.sharedCount > 0 && encoding.ownCount > 0)
        }
    }

    @Test(
        "Qwen3-Reranker gives transformers' scores, packed or alone, with and without what is shared",
        arguments: languageModels,
        precisions
    )
    func languageModel(name: String, precision: (ComputePrecision, tolerance: Float)) throws {
        let model = try RerankModel.load(
            directory: Self.path(name),
            name: name,
            precision: precision.0
        )
        let encodings = try Self.encodings(name, model)
        let whole = encodings.map {
            Encoding(ids: $0.ids, typeIDs: $0.typeIDs, offsets: $0.offsets)
        }
        let workspace = model.makeWorkspace()
        let expected = try Self.scores(name)
        let separate = Self.score(try model.encode(whole, workspace: workspace))
        #expect(model.prefixByteCount == 0)
        let shared = Self.score(try model.encode(encodings, workspace: workspace))
        #expect(model.prefixByteCount > 0)
        let again = Self.score(try model.encode(encodings.reversed(), workspace: workspace))
        let alone = try encodings.flatMap {
            Self.score(try model.encode([$0], workspace: model.makeWorkspace()))
        }
        #expect(EmbeddingFixtures.largestDifference(separate, expected) <= precision.tolerance)
        // A row is computed alike, whatever rows stand beside it and wherever its keys come from.
        #expect(EmbeddingFixtures.largestDifference(shared, separate) <= 1e-6)
        #expect(EmbeddingFixtures.largestDifference(alone, separate) <= 1e-6)
        #expect(Array(again.reversed()) == shared)
    }

    @Test("threads that share a batch, or a prefix, compute what one does")
    func threads() throws {
        let model = try RerankModel.load(directory: Self.path("qwen3-tied"), name: "a")
        let encodings = try Self.encodings("qwen3-tied", model)
        let alone = try model.encode(encodings, workspace: model.makeWorkspace())
        let batch = try model.share(encodings, partCount: 3)
        DispatchQueue.concurrentPerform(iterations: 3) { _ in
            batch.work(in: model.makeWorkspace())
        }
        #expect(
            EmbeddingFixtures.largestDifference(
                Self.score(try batch.results()),
                Self.score(alone)
            ) <= 1e-6
        )
        let other = try RerankModel.load(directory: Self.path("qwen3-tied"), name: "b")
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            let results = try? other.encode(encodings, workspace: other.makeWorkspace())
            #expect(results == alone)
        }
    }

    @Test("a text that is shared as a whole is computed like any other")
    func allShared() throws {
        let network = try RerankNetwork(directory: Self.path("qwen3-tied"), answers: (2, 3))
        let plain = EmbeddingFixtures.encoding(ids: [5, 6, 7])
        var shared = plain
        shared.sharedCount = 3
        let workspace = network.makeWorkspace()
        let results = try network.encode([plain, shared], workspace: workspace)
        #expect(results[0] == results[1])
    }

    @Test("a query in front of a long passage is whole, and the passage says what it lost")
    func truncation() throws {
        let model = try RerankModel.load(directory: Self.path("bert"), name: "bert")
        let query = try model.query("wing lift")
        let short = try query.encode("drag", tokensMax: model.tokensMax)
        #expect(short.count == query.tokenCount + 1 && short.omittedTokenCount == 0)
        #expect(short.typeIDs.first == 0 && short.typeIDs.last == 1)
        let passage = [String](repeating: "drag", count: 100).joined(separator: " ")
        let long = try query.encode(passage, tokensMax: model.tokensMax)
        #expect(long.count == model.tokensMax)
        #expect(long.omittedTokenCount == 100 - (model.tokensMax - query.tokenCount))
        #expect(long.ids.prefix(4) == short.ids.prefix(4))
        #expect(throws: EmbedderError.self) { try model.query(passage) }
        #expect(throws: EmbedderError.self) { try model.query("wing", instruction: "Rank.") }
    }

    @Test(
        "a model's kind is found from its files",
        arguments: [
            ("rerankers/bert", ModelKind.reranker), ("rerankers/roberta", .reranker),
            ("rerankers/xlm-roberta", .reranker), ("rerankers/qwen3-tied", .reranker),
            ("rerankers/qwen3-untied", .reranker), ("tiny/cls", .embedding),
            ("architectures/qwen3-plain", .embedding), ("architectures/roberta", .embedding),
        ]
    )
    func kind(folder: String, kind: ModelKind) throws {
        #expect(try ModelKind.detect(directory: EmbeddingFixtures.path(folder)) == kind)
    }
}
