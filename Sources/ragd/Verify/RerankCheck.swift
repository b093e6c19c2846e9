import Embedder
import Kernels

/// Loads a reranker and has it score passages of which it is known which answer.
struct RerankCheck {
    let model: RerankModel
    /// Questions whose answer the model puts first.
    let answersFirst: Int

    /// What each precision costs and gives, f32 first.
    let precisions: [PrecisionRow]

    /// A precision of the model.
    struct PrecisionRow: Encodable {
        let precision: String
        /// Whether the CPU has instructions for it.
        let isNative: Bool
        let bytes: Int
        let rankCorrelation: Float
        let orderAgreement: Float
        let maxDifference: Float

        private enum CodingKeys: String, CodingKey {
            case precision
            case isNative = "native"
            case bytes
            case rankCorrelation = "spearman"
            case orderAgreement = "order_agreement"
            case maxDifference = "max_difference"
        }
    }

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
            precisions = try Self.rows(of: directory, name: name, reference: reference)
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

    /// Loads the model in each precision that it has, one after the other, and compares its scores.
    private static func rows(
        of directory: String,
        name: String,
        reference: [[Float]]
    ) throws(EmbedderError) -> [PrecisionRow] {
        var rows: [PrecisionRow] = []
        for precision in ComputePrecision.allCases {
            do throws(EmbedderError) {
                let model = try RerankModel.load(
                    directory: directory,
                    name: name,
                    precision: precision
                )
                let agreement = ScoreAgreement(
                    of: try RerankProbe.scores(of: model),
                    with: reference
                )
                rows.append(
                    PrecisionRow(
                        precision: precision.rawValue,
                        isNative: precision.isNative,
                        bytes: model.byteCount,
                        rankCorrelation: agreement.rankCorrelation,
                        orderAgreement: agreement.orderAgreement,
                        maxDifference: agreement.maxDifference
                    )
                )
            } catch {
                // Not in this precision, which is no fault of the model.
                guard error.code == .unsupportedModel else { throw error }
            }
        }
        return rows
    }
}
