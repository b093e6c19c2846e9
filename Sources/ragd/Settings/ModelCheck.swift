import Embedder
import Kernels

/// Loads a model and has it embed three sentences whose relation is known.
struct ModelCheck {
    let model: EmbeddingModel
    /// Cosine of a sentence to another way of saying it.
    let cosineRelated: Float
    /// Cosine of the same sentence to one about something else.
    let cosineUnrelated: Float

    /// What is wrong with the vectors, empty when nothing is.
    let findings: [String]

    private static let sentences = [
        "The cat sleeps on the warm window sill.",
        "A cat is napping by the window in the sun.",
        "The quarterly report shows rising interest rates.",
    ]

    /// Loads and checks.
    ///
    /// - Throws: `CommandFailure` with the reason why the model cannot be used.
    init(directory: String, name: String) throws {
        let loaded: EmbeddingModel
        let vectors: [[Float]]
        let alone: [Float]
        do throws(EmbedderError) {
            let model = try EmbeddingModel.load(directory: directory, name: name)
            loaded = model
            let workspace = model.makeWorkspace()
            let batch = Self.sentences.map {
                model.tokenizer.encode($0, pair: nil, tokensMax: model.tokensMax)
            }
            vectors = try model.encode(batch, output: .none, workspace: workspace).map(\.vector)
            alone = try model.encode([batch[0]], output: .none, workspace: workspace)[0].vector
        } catch {
            throw CommandFailure("\(directory): \(error.message)")
        }
        model = loaded
        cosineRelated = Self.cosine(vectors[0], vectors[1])
        cosineUnrelated = Self.cosine(vectors[0], vectors[2])
        findings = [
            vectors.allSatisfy { VectorMath.isFinite($0) } ? nil : "a vector is not finite",
            vectors.allSatisfy { $0.count == loaded.dimension }
                ? nil : "a vector does not have \(loaded.dimension) dimensions",
            cosineRelated > cosineUnrelated
                ? nil : "an unrelated sentence is as near as a paraphrase",
            Self.cosine(vectors[0], alone) > 0.9999
                ? nil : "a sentence's vector depends on what it is embedded with",
        ].compactMap(\.self)
    }

    private static func cosine(_ a: [Float], _ b: [Float]) -> Float {
        VectorMath.dot(a, b) / max(VectorMath.norm(a) * VectorMath.norm(b), .leastNormalMagnitude)
    }
}
