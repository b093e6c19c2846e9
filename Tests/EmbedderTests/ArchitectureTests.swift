import Dispatch
import Embedder
import Kernels
import Testing

/// Every family in tiny sizes with random weights, against transformers.
@Suite("Architectures")
struct ArchitectureTests {
    /// Of Qwen3: grouped, single and plain key heads; one file and shards; tied and untied.
    static let names = [
        "qwen3-grouped", "qwen3-single", "qwen3-plain", "roberta", "xlm-roberta",
    ]

    /// A tiny model and what it should compute.
    private struct Fixture {
        let network: EmbeddingNetwork
        let encodings: [Encoding]
        let vectors: [Float]
        let states: [Float]

        init(_ name: String, precision: ComputePrecision = .f32) throws {
            let folder = "architectures/\(name)"
            network = try EmbeddingNetwork(
                directory: EmbeddingFixtures.path(folder),
                precision: precision
            )
            encodings = try EmbeddingFixtures.json("\(folder)/ids.json", as: [[Int32]].self)
                .map { EmbeddingFixtures.encoding(ids: $0) }
            vectors = try EmbeddingFixtures.floats("\(folder)/vectors.f32")
            states = try EmbeddingFixtures.floats("\(folder)/states.f32")
        }

        func vector(_ index: Int) -> ArraySlice<Float> {
            vectors[index * network.dimension..<(index + 1) * network.dimension]
        }
    }

    @Test("every layer's states are transformers' to 1e-4, relatively", arguments: names)
    func layers(name: String) throws {
        let fixture = try Fixture(name)
        let workspace = fixture.network.makeWorkspace()
        var next = 0
        for encoding in fixture.encodings {
            let count = encoding.count * fixture.network.shape.hiddenSize
            var layer = 0
            while layer == 0 || layer < fixture.network.layerCount {
                let expected = fixture.states[next..<next + count]
                let states = try fixture.network.hiddenStates(
                    of: encoding,
                    layerCount: layer,
                    workspace: workspace
                )
                let largest = expected.map(abs).max() ?? 1
                let difference = EmbeddingFixtures.largestDifference(states, expected)
                #expect(difference <= 1e-4 * largest, "layer \(layer), \(encoding.count) tokens")
                next += count
                layer += 1
            }
        }
        #expect(next == fixture.states.count)
    }

    @Test(
        "vectors are transformers', packed or alone",
        arguments: names,
        [(ComputePrecision.f32, 0.999_99), (.bf16, 0.999_5)]
    )
    func vectors(name: String, precision: (ComputePrecision, cosine: Double)) throws {
        let fixture = try Fixture(name, precision: precision.0)
        let workspace = fixture.network.makeWorkspace()
        let packed = try fixture.network.encode(
            fixture.encodings,
            output: .none,
            workspace: workspace
        )
        for (index, encoding) in fixture.encodings.enumerated() {
            let alone = try fixture.network.encode(
                [encoding],
                output: .none,
                workspace: workspace
            )[0]
            #expect(
                EmbeddingFixtures.cosine(alone.vector, fixture.vector(index)) >= precision.cosine
            )
            #expect(EmbeddingFixtures.largestDifference(alone.vector, packed[index].vector) < 1e-5)
        }
    }

    @Test("threads that share a batch compute what one does", arguments: names, [2, 5])
    func sharing(name: String, parts: Int) throws {
        let fixture = try Fixture(name, precision: .bf16)
        let network = fixture.network
        let alone = try network.encode(
            fixture.encodings,
            output: .floats,
            workspace: network.makeWorkspace()
        )
        let shared = try network.shared(fixture.encodings, output: .floats, partCount: parts)
        DispatchQueue.concurrentPerform(iterations: parts) { _ in
            shared.work(in: network.makeWorkspace())
        }
        #expect(try shared.results() == alone)
    }
}
