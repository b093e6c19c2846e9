import Embedder
import Kernels
import Testing

@Suite("Encoding a batch")
struct EncodeTests {
    private static func network() throws -> EmbeddingNetwork {
        try EmbeddingNetwork(directory: EmbeddingFixtures.path("tiny/cls"))
    }

    @Test("no texts give no results")
    func emptyBatch() throws {
        let network = try Self.network()
        let results = try network.encode([], output: .none, workspace: network.makeWorkspace())
        #expect(results.isEmpty)
    }

    @Test("ids, types and lengths that the model lacks are refused by name")
    func refusals() throws {
        let network = try Self.network()
        let configuration = network.shape
        let last = Int32(configuration.vocabularyCount)
        let long = [Int32](repeating: 1, count: configuration.positionCount + 1)
        var wrongType = EmbeddingFixtures.encoding(ids: [1])
        wrongType.typeIDs = [Int32(configuration.typeCount)]
        var missingType = EmbeddingFixtures.encoding(ids: [1])
        missingType.typeIDs = []
        for (encoding, code) in [
            (EmbeddingFixtures.encoding(ids: [1, last]), EmbedderError.Code.invalidInput),
            (EmbeddingFixtures.encoding(ids: [-1]), .invalidInput),
            (EmbeddingFixtures.encoding(ids: [.max]), .invalidInput),
            (EmbeddingFixtures.encoding(ids: []), .invalidInput),
            (wrongType, .invalidInput),
            (missingType, .invalidInput),
            (EmbeddingFixtures.encoding(ids: long), .inputTooLong),
        ] {
            let error = #expect(throws: EmbedderError.self) {
                let good = EmbeddingFixtures.encoding(ids: [1, 2])
                _ = try network.encode(
                    [good, encoding],
                    output: .none,
                    workspace: network.makeWorkspace()
                )
            }
            #expect(error?.code == code)
        }
    }

    @Test("token vectors are of unit length and their codes are their signs")
    func tokenVectors() throws {
        let network = try Self.network()
        let workspace = network.makeWorkspace()
        let width = network.shape.hiddenSize
        let encoding = EmbeddingFixtures.encoding(ids: [2, 9, 10, 3])
        let floats = try network.encode([encoding], output: .floats, workspace: workspace)[0]
        let codes = try network.encode([encoding], output: .signCodes, workspace: workspace)[0]
        #expect(floats.tokenVectors.count == encoding.count * width && floats.tokenCodes.isEmpty)
        #expect(codes.tokenVectors.isEmpty && codes.vector == floats.vector)
        #expect(codes.tokenCodes == SignCodes.encode(floats.tokenVectors, dimension: width))
        for token in 0..<encoding.count {
            let row = floats.tokenVectors[token * width..<(token + 1) * width]
            #expect(abs(row.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
        }
    }

    @Test("a shortened vector is its first components at unit length")
    func truncation() throws {
        let shortened = try EmbeddingModel.truncated([3, 4, 12], to: 2)
        #expect(EmbeddingFixtures.largestDifference(shortened, [0.6, 0.8]) < 1e-6)
        for dimensions in [0, -1, 4] {
            #expect(throws: EmbedderError.self) {
                _ = try EmbeddingModel.truncated([3, 4, 12], to: dimensions)
            }
        }
    }
}
