import Embedder
import Kernels

/// Loads a reranker and has it score passages of which it is known which answer.
struct RerankCheck {
    let model: RerankModel
    /// Questions whose answer the model puts first.
    let answersFirst: Int

    /// What each precision costs and gives, f32 first.
    let precisions: [PrecisionRow]

    /// What is wrong with the scores, empty when nothing is.
    let findings: [String]

    /// The largest difference that other passages in a batch may make to a score.
    private static let batchDifferenceMax: Float = 1e-4

    /// Loads and checks.
    ///
    /// - Throws: `CommandFailure` with the reason why the model cannot be used.
    init(directory: String, name: String) throws {
        let reference: [[Float]]
        let alone: Float
        do throws(EmbedderError) {
            let loaded = try RerankModel.load(directory: directory, name: name)
            model = loaded
            reference = try RerankProbe.scores(of: loaded)
            alone = try Self.scoreAlone(loaded)
            precisions = try PrecisionRow.all { precision throws(EmbedderError) in
                try Self.row(precision, of: directory, name: name, reference: reference)
            }
        } catch {
            throw CommandFailure("\(directory): \(error.message)")
        }
        answersFirst = reference.count { scores in scores.dropFirst().allSatisfy { $0 < scores[0] }
        }
        findings = [
            2 * answersFirst > reference.count
                ? nil
                : "it puts the answer first for \(answersFirst) of \(reference.count) questions",
            abs(reference[0][0] - alone) <= Self.batchDifferenceMax
                ? nil : "a passage's score depends on what it is scored with",
        ].compactMap(\.self)
    }

    /// The first passage's score in a batch of its own.
    private static func scoreAlone(_ model: RerankModel) throws(EmbedderError) -> Float {
        let question = RerankProbe.questions[0]
        let passage = try model.query(question.query)
            .encode(question.passages[0], tokensMax: model.tokensMax)
        return try model.encode([passage], workspace: model.makeWorkspace())[0].vector[0]
    }

    /// Loads the model in a precision and compares its scores with those in f32.
    private static func row(
        _ precision: ComputePrecision,
        of directory: String,
        name: String,
        reference: [[Float]]
    ) throws(EmbedderError) -> PrecisionRow {
        let model = try RerankModel.load(directory: directory, name: name, precision: precision)
        let agreement = ScoreAgreement(
            of: try RerankProbe.scores(of: model),
            with: reference
        )
        return PrecisionRow(
            precision,
            bytes: model.byteCount,
            .scores(
                PrecisionRow.RankAgreement(
                    correlation: agreement.rankCorrelation,
                    order: agreement.orderAgreement,
                    maxDifference: agreement.maxDifference
                )
            )
        )
    }
}
