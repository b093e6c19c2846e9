import Embedder
import Foundation
import Synchronization
import TestSupport
import Testing

/// A text's vector is its own: it depends on nothing that shares the batch or the machine.
@Suite("Batch invariance")
struct BatchInvarianceTests {
    private static func encodings(_ model: EmbeddingModel, seed: UInt64) -> [Encoding] {
        var random = SeededRandom(seed: seed)
        return [2, 3, 5, 6, 7, 19, 31, 32, 33, 64, 100, 127, 128, 129, 200, 255, 256].map { count in
            let ids = (2..<count).map { _ in Int32.random(in: 999..<30_522, using: &random) }
            return EmbeddingFixtures.encoding(ids: [101] + ids + [102])
        }
    }

    @Test(
        "a batch gives what each text gives alone, in any order",
        arguments: [1, 2, 3] as [UInt64]
    )
    func batchEqualsSingle(seed: UInt64) throws {
        let model = try EmbeddingFixtures.model()
        let workspace = model.makeWorkspace()
        let encodings = Self.encodings(model, seed: seed)
        let alone = try encodings.map {
            try model.encode([$0], output: .floats, workspace: workspace)[0]
        }
        var random = SeededRandom(seed: seed)
        let order = encodings.indices.shuffled(using: &random)
        let together = try model.encode(
            order.map { encodings[$0] },
            output: .floats,
            workspace: workspace
        )
        for (result, index) in zip(together, order) {
            let other = alone[index]
            #expect(EmbeddingFixtures.largestDifference(result.vector, other.vector) < 1e-5)
            #expect(
                EmbeddingFixtures.largestDifference(result.tokenVectors, other.tokenVectors) < 1e-5
            )
        }
    }

    @Test("threads at the same time change nothing")
    func threadsEqualSingle() throws {
        let model = try EmbeddingFixtures.model()
        let encodings = Self.encodings(model, seed: 4)
        let alone = try model.encode(encodings, output: .none, workspace: model.makeWorkspace())
        let results = Mutex<[Result<[EncodedText], EmbedderError>]>([])
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            let result = Result { () throws(EmbedderError) in
                try model.encode(encodings, output: .none, workspace: model.makeWorkspace())
            }
            results.withLock { $0.append(result) }
        }
        for result in results.withLock({ $0 }) { #expect(try result.get() == alone) }
    }

    @Test("a batch past the workspace's limit is computed in parts, and memory stops growing")
    func largeBatch() throws {
        let network = try EmbeddingNetwork(directory: EmbeddingFixtures.path("tiny/mean"))
        let workspace = network.makeWorkspace()
        let encoding = EmbeddingFixtures.encoding(ids: [2, 7, 8, 9, 10, 11, 12, 3])
        let single = try network.encode([encoding], output: .none, workspace: workspace)[0]
        let batch = [Encoding](repeating: encoding, count: 5_000)
        let results = try network.encode(batch, output: .none, workspace: workspace)
        let byteCount = workspace.byteCount
        #expect(results.count == batch.count)
        for result in results {
            #expect(EmbeddingFixtures.largestDifference(result.vector, single.vector) < 1e-5)
        }
        _ = try network.encode(batch + batch, output: .none, workspace: workspace)
        #expect(workspace.byteCount == byteCount)
    }
}
