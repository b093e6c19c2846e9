/// Values of `config.json` within the bounds that every architecture shares.
enum ConfigurationField {
    /// A size within its cap.
    ///
    /// The caps are a few times the largest published encoders, and keep a damaged file from asking
    /// for absurd memory.
    static func size(_ value: Int, _ name: String, max: Int) throws(EmbedderError) -> Int {
        guard value >= 1, value <= max else {
            throw EmbedderError(.invalidModel, "config.json: \(name) is \(value), not 1 to \(max)")
        }
        return value
    }

    /// What is added to a variance or a mean square before its root is taken.
    static func epsilon(_ value: Float, _ name: String) throws(EmbedderError) -> Float {
        guard value > 0, value <= 1 else {
            throw EmbedderError(
                .invalidModel,
                "config.json: \(name) is \(value), expected 0 < eps <= 1"
            )
        }
        return value
    }
}

/// The architecture that `config.json` names.
enum ModelArchitecture: String, CaseIterable {
    case bert
    case roberta
    case xlmRoberta = "xlm-roberta"
    case qwen3

    /// Reads it.
    ///
    /// - Throws: `EmbedderError` with code `unsupportedModel` for another one, naming those there are.
    init(folder: ModelFolder) throws(EmbedderError) {
        let file = try folder.decode(ArchitectureFile.self, from: "config.json")
        guard let architecture = ModelArchitecture(rawValue: file.modelType) else {
            let supported = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw EmbedderError(
                .unsupportedModel,
                "config.json: model_type \"\(file.modelType)\"; supported are \(supported)"
            )
        }
        self = architecture
    }
}

private struct ArchitectureFile: Decodable {
    let modelType: String

    enum CodingKeys: String, CodingKey {
        case modelType = "model_type"
    }
}
