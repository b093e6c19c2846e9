import Embedder
import Foundation
import Kernels

/// What a model costs in a precision, and how near it stays to itself in f32.
struct PrecisionRow: Encodable {
    /// How near, by what the model gives.
    enum Agreement {
        case vectors(VectorAgreement)
        case scores(RankAgreement)
    }

    let precision: String
    /// Whether the CPU has instructions for it.
    let isNative: Bool
    let bytes: Int
    let agreement: Agreement

    init(_ precision: ComputePrecision, bytes: Int, _ agreement: Agreement) {
        self.precision = precision.rawValue
        isNative = precision.isNative
        self.bytes = bytes
        self.agreement = agreement
    }

    private enum CodingKeys: String, CodingKey {
        case precision
        case isNative = "native"
        case bytes
    }

    /// Writes the agreement's members beside the row's own.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(precision, forKey: .precision)
        try container.encode(isNative, forKey: .isNative)
        try container.encode(bytes, forKey: .bytes)
        switch agreement {
        case .vectors(let agreement): try agreement.encode(to: encoder)
        case .scores(let agreement): try agreement.encode(to: encoder)
        }
    }
}

extension PrecisionRow {
    /// Cosines of the vectors to those in f32.
    struct VectorAgreement: Encodable {
        let mean: Float
        let min: Float
        /// Whether `auto` may choose the precision.
        let passes: Bool

        private enum CodingKeys: String, CodingKey {
            case mean = "cosine_mean"
            case min = "cosine_min"
            case passes
        }
    }

    /// Ranks and scores compared with those in f32.
    struct RankAgreement: Encodable {
        let correlation: Float
        let order: Float
        let maxDifference: Float

        private enum CodingKeys: String, CodingKey {
            case correlation = "spearman"
            case order = "order_agreement"
            case maxDifference = "max_difference"
        }
    }

    /// A row for each precision that a model has, one loaded after the other.
    ///
    /// - Parameter row: loads the model in a precision and compares it with itself in f32.
    /// - Returns: the rows, f32 first.
    /// - Throws: what `row` throws, but for `unsupportedModel`: not to have a precision is no fault of
    ///   the model.
    static func all(
        _ row: (ComputePrecision) throws(EmbedderError) -> PrecisionRow
    ) throws(EmbedderError) -> [PrecisionRow] {
        var rows: [PrecisionRow] = []
        for precision in ComputePrecision.allCases {
            do throws(EmbedderError) {
                rows.append(try row(precision))
            } catch {
                guard error.code == .unsupportedModel else { throw error }
            }
        }
        return rows
    }

    /// The row for people.
    var line: String {
        let found: String
        switch agreement {
        case .vectors(let agreement):
            let mean = agreement.mean.formatted(digits: 5)
            let lowest = agreement.min.formatted(digits: 5)
            found =
                "cosine to f32 mean \(mean), min \(lowest)"
                + (agreement.passes ? "" : ", too far from f32 to be chosen by itself")
        case .scores(let agreement):
            let correlation = agreement.correlation.formatted(digits: 3)
            let order = (100 * agreement.order).formatted(digits: 1)
            let difference = agreement.maxDifference.formatted(digits: 5)
            found =
                "to f32 Spearman \(correlation), \(order) % of pairs in order, score off by "
                + "\(difference) at most"
        }
        let name = precision.padding(toLength: 13, withPad: " ", startingAt: 0)
        return "\(name)\(bytes / 1_000_000) MB, \(found)"
            + (isNative ? "" : ", no instruction of this CPU")
    }
}
