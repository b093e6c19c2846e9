import Dispatch
import Embedder
import Kernels
import TestSupport
import Testing

/// Fewer bits, nearly the same vectors.
@Suite("Precisions")
struct PrecisionTests {
    @Test(
        "vectors of the default model stay near those in f32",
        arguments: [
            (ComputePrecision.bf16, mean: 0.9999, min: 0.9998), (.int8, mean: 0.9975, min: 0.99),
        ]
    )
    func gate(precision: ComputePrecision, mean: Double, min: Double) throws {
        let model = try EmbeddingModel.load(
            directory: EmbeddingFixtures.modelFolder(),
            name: "low",
            precision: precision
        )
        let texts = try EmbeddingFixtures.json("embedding/texts.json", as: [String].self)
        let expected = try EmbeddingFixtures.floats("embedding/vectors.f32")
        let encodings = try texts.map { try model.tokenizer.encode($0, tokensMax: model.tokensMax) }
        let results = try model.encode(encodings, output: .none, workspace: model.makeWorkspace())
        let cosines = results.enumerated().map { index, result in
            EmbeddingFixtures.cosine(
                result.vector,
                expected[index * model.dimension..<(index + 1) * model.dimension]
            )
        }
        #expect(cosines.reduce(0, +) / Double(cosines.count) >= mean)
        #expect((cosines.min() ?? 0) >= min)
    }

    @Test("a model takes the memory of its precision")
    func memory() throws {
        let folder = try EmbeddingFixtures.modelFolder()
        let sizes = try ComputePrecision.allCases.map { precision in
            try EmbeddingModel.load(directory: folder, name: "m", precision: precision).byteCount
        }
        let table = 30_522 * 384 * 4
        #expect(sizes[1] - table < (sizes[0] - table) * 11 / 20)
        #expect(sizes[2] - table < (sizes[0] - table) * 7 / 20)
    }

    @Test(
        "threads that share a batch compute what one thread does, in any number of parts",
        arguments: ComputePrecision.allCases,
        [1, 2, 3, 7]
    )
    func sharing(precision: ComputePrecision, parts: Int) throws {
        let model = try EmbeddingModel.load(
            directory: EmbeddingFixtures.modelFolder(),
            name: "shared",
            precision: precision
        )
        var random = SeededRandom(seed: UInt64(parts))
        for lengths in [[2], [19], [40, 3, 2], [130, 17]] {
            let encodings = lengths.map { length in
                let ids = (2..<length).map { _ in Int32.random(in: 999..<30_522, using: &random) }
                return EmbeddingFixtures.encoding(ids: [101] + ids + [102])
            }
            let alone = try model.encode(
                encodings,
                output: .floats,
                workspace: model.makeWorkspace()
            )
            let shared = try model.share(encodings, output: .floats, partCount: parts)
            // One thread more than parts: it finds nothing to do.
            DispatchQueue.concurrentPerform(iterations: parts + 1) { _ in
                shared.work(in: model.makeWorkspace())
            }
            let results = try shared.results()
            if precision == .f32 && !PackedMatrix.isVectorised {
                // OpenBLAS adds up in another order for other numbers of rows.
                for (result, other) in zip(results, alone) {
                    #expect(
                        EmbeddingFixtures.largestDifference(result.vector, other.vector) < 1e-5
                    )
                }
            } else {
                #expect(results == alone)
            }
        }
    }
}
