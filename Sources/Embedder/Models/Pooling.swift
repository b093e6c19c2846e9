import Kernels

/// How the states of a text's tokens become one vector: `1_Pooling/config.json`.
package enum Pooling: String, Sendable {
    /// The mean over the tokens.
    case mean
    /// The first token, `[CLS]` in BERT.
    case firstToken = "cls"
    /// The largest value of each component.
    case max
    /// The last token.
    case lastToken = "lasttoken"
    /// The sum over the tokens divided by the square root of their number.
    case meanSquareRoot = "mean_sqrt_len_tokens"

    /// Pools the rows of one text.
    ///
    /// - Shapes: `states`: at least one row of `columns` elements. Returns `columns` elements.
    package func apply(to states: Span<Float>, columns: Int) -> [Float] {
        let rowCount = states.count / columns
        precondition(
            rowCount > 0 && states.count == rowCount * columns,
            "\(states.count) elements are no rows of \(columns)"
        )
        switch self {
        case .mean: return Self.sum(states, columns: columns, times: 1 / Float(rowCount))
        case .meanSquareRoot:
            return Self.sum(states, columns: columns, times: 1 / Float(rowCount).squareRoot())
        case .firstToken: return Self.row(0, of: states, columns: columns)
        case .lastToken: return Self.row(rowCount - 1, of: states, columns: columns)
        case .max:
            var highest = Self.row(0, of: states, columns: columns)
            for row in 1..<Swift.max(1, rowCount) {
                for column in 0..<columns {
                    highest[column] = Swift.max(highest[column], states[row * columns + column])
                }
            }
            return highest
        }
    }

    private static func row(_ row: Int, of states: Span<Float>, columns: Int) -> [Float] {
        (0..<columns).map { states[row * columns + $0] }
    }

    private static func sum(_ states: Span<Float>, columns: Int, times factor: Float) -> [Float] {
        var sum = [Float](repeating: 0, count: columns)
        var total = sum.mutableSpan
        for start in stride(from: 0, to: states.count, by: columns) {
            FloatRows.add(states.extracting(start..<start + columns), to: &total)
        }
        for column in 0..<columns { sum[column] *= factor }
        return sum
    }
}

extension Pooling {
    /// The pooling that a module's folder asks for.
    ///
    /// - Parameters:
    ///   - folder: the module's folder, such as `1_Pooling`.
    ///   - width: elements of the token states, which the file must agree with.
    /// - Throws: `EmbedderError` when the file is missing, malformed, or asks for something else.
    init(folder: ModelFolder, width: Int) throws(EmbedderError) {
        let file = try folder.decode(PoolingFile.self, from: "config.json")
        let path = folder.path(of: "config.json")
        guard let claimed = file.width, claimed == width else {
            throw EmbedderError(
                .invalidModel,
                "\(path): the dimension is \(file.width.map(String.init) ?? "missing"), the "
                    + "encoder's is \(width)"
            )
        }
        guard file.includePrompt != false else {
            throw EmbedderError(.unsupportedModel, "\(path): include_prompt false")
        }
        let modes = file.modes
        guard let mode = modes.first, modes.count == 1 else {
            throw EmbedderError(
                modes.isEmpty ? .invalidModel : .unsupportedModel,
                "\(path): expected exactly one pooling mode, found \(modes)"
            )
        }
        guard let pooling = Pooling(rawValue: mode) else {
            throw EmbedderError(.unsupportedModel, "\(path): pooling mode \"\(mode)\"")
        }
        self = pooling
    }
}

/// Either a flag a mode (`pooling_mode_cls_token: true`) or, in newer files, the mode's name.
private struct PoolingFile: Decodable {
    let width: Int?
    let includePrompt: Bool?
    /// Every mode that is asked for, by its newer name.
    let modes: [String]

    private static let flags = [
        "pooling_mode_cls_token": "cls",
        "pooling_mode_mean_tokens": "mean",
        "pooling_mode_max_tokens": "max",
        "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
        "pooling_mode_weightedmean_tokens": "weightedmean",
        "pooling_mode_lasttoken": "lasttoken",
    ]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: JSONKey.self)
        width =
            try container.decodeIfPresent(Int.self, forKey: "word_embedding_dimension")
            ?? container.decodeIfPresent(Int.self, forKey: "embedding_dimension")
        includePrompt = try container.decodeIfPresent(Bool.self, forKey: "include_prompt")
        if container.contains("pooling_mode") {
            modes = [try container.decode(String.self, forKey: "pooling_mode")]
            return
        }
        var modes: [String] = []
        for key in container.allKeys where key.stringValue.hasPrefix("pooling_mode_") {
            guard try container.decode(Bool.self, forKey: key) else { continue }
            modes.append(Self.flags[key.stringValue] ?? key.stringValue)
        }
        self.modes = modes.sorted()
    }
}
