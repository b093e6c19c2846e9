import Embedder
import Kernels

/// Loads a model and has it embed three sentences whose relation is known.
struct ModelCheck {
    let model: EmbeddingModel
    /// Cosine of a sentence to another way of saying it.
    let cosineRelated: Float
    /// Cosine of the same sentence to one about something else.
    let cosineUnrelated: Float

    /// What each precision costs and gives, f32 first.
    let precisions: [PrecisionRow]

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
        let rows: [PrecisionRow]
        do throws(EmbedderError) {
            let model = try EmbeddingModel.load(directory: directory, name: name)
            loaded = model
            let workspace = model.makeWorkspace()
            let batch = try Self.sentences.map { sentence throws(EmbedderError) in
                try model.tokenizer.encode(sentence, tokensMax: model.tokensMax)
            }
            vectors = try model.encode(batch, output: .none, workspace: workspace).map(\.vector)
            alone = try model.encode([batch[0]], output: .none, workspace: workspace)[0].vector
            let reference = try PrecisionGate.vectors(of: model)
            rows = try PrecisionRow.all { precision throws(EmbedderError) in
                try Self.row(precision, of: directory, name: name, reference: reference)
            }
        } catch {
            throw CommandFailure("\(directory): \(error.message)")
        }
        model = loaded
        precisions = rows
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

    /// Loads the model in a precision and compares it with its vectors in f32.
    private static func row(
        _ precision: ComputePrecision,
        of directory: String,
        name: String,
        reference: [[Float]]
    ) throws(EmbedderError) -> PrecisionRow {
        let model = try EmbeddingModel.load(
            directory: directory,
            name: name,
            precision: precision
        )
        let agreement = PrecisionAgreement(
            of: try PrecisionGate.vectors(of: model),
            with: reference
        )
        return PrecisionRow(
            precision,
            bytes: model.byteCount,
            .vectors(
                PrecisionRow.VectorAgreement(
                    mean: agreement.meanCosine,
                    min: agreement.minCosine,
                    passes: PrecisionGate.passes(agreement, in: precision)
                )
            )
        )
    }

    private static func cosine(_ a: [Float], _ b: [Float]) -> Float {
        VectorMath.dot(a, b) / max(VectorMath.norm(a) * VectorMath.norm(b), .leastNormalMagnitude)
    }
}
