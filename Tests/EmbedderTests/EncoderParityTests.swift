import Embedder
import Testing

/// The whole path from text to vector against sentence-transformers, and its layers against
/// transformers.
@Suite("Encoder parity")
struct EncoderParityTests {
    @Test("vectors of the default model are sentence-transformers' to a cosine of 0.99999")
    func defaultModel() throws {
        let model = try EmbeddingFixtures.model()
        let texts = try EmbeddingFixtures.json("embedding/texts.json", as: [String].self)
        let expected = try EmbeddingFixtures.floats("embedding/vectors.f32")
        #expect(model.dimension == 384 && model.tokensMax == 256)
        #expect(expected.count == texts.count * model.dimension)
        let encodings = try texts.map { try model.tokenizer.encode($0, tokensMax: model.tokensMax) }
        let results = try model.encode(encodings, output: .none, workspace: model.makeWorkspace())
        for (index, result) in results.enumerated() {
            let row = expected[index * model.dimension..<(index + 1) * model.dimension]
            #expect(EmbeddingFixtures.cosine(result.vector, row) >= 0.999_99, "text \(index)")
            #expect(EmbeddingFixtures.largestDifference(result.vector, row) < 1e-4, "text \(index)")
        }
    }

    @Test("every layer's states are transformers' to 1e-4")
    func layers() throws {
        struct Reference: Decodable {
            let ids: [Int32]
            let shape: [Int]
        }
        let reference = try EmbeddingFixtures.json("embedding/layers.json", as: Reference.self)
        let expected = try EmbeddingFixtures.floats("embedding/layers.f32")
        let network = try EmbeddingNetwork(directory: EmbeddingFixtures.modelFolder())
        let encoding = EmbeddingFixtures.encoding(ids: reference.ids)
        let count = reference.shape[1] * reference.shape[2]
        for layer in 0..<reference.shape[0] {
            let states = try network.hiddenStates(
                of: encoding,
                layerCount: layer,
                workspace: network.makeWorkspace()
            )
            let rows = expected[layer * count..<(layer + 1) * count]
            #expect(states.count == count)
            #expect(EmbeddingFixtures.largestDifference(states, rows) < 1e-4, "layer \(layer)")
        }
    }

    @Test(
        "tiny models of other shapes give their references' vectors",
        arguments: EmbeddingFixtures.tinyModels
    )
    func tinyModel(name: String) throws {
        let model = try EmbeddingModel.load(
            directory: EmbeddingFixtures.path(name),
            name: name
        )
        let texts = try EmbeddingFixtures.json("\(name)/texts.json", as: [String].self)
        let expected = try EmbeddingFixtures.floats("\(name)/vectors.f32")
        let encodings = try texts.map { try model.tokenizer.encode($0, tokensMax: model.tokensMax) }
        let results = try model.encode(encodings, output: .none, workspace: model.makeWorkspace())
        #expect(expected.count == texts.count * model.dimension)
        for (index, result) in results.enumerated() {
            let row = expected[index * model.dimension..<(index + 1) * model.dimension]
            #expect(EmbeddingFixtures.cosine(result.vector, row) >= 0.999_99, "text \(index)")
            #expect(EmbeddingFixtures.largestDifference(result.vector, row) < 1e-4, "text \(index)")
        }
    }
}
